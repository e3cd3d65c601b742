#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"

// Every path below a data directory, and the reverse. docs/data-directory.md, section "Layout".

namespace mox::datadir {

// "a/1": the folder and file of a message id below msg/ or queue/. The folder is id >> 13 in base 64, least significant
// digit first; the file is the id in decimal.
[[nodiscard]] std::string message_path(std::int64_t id);
// Only the folder: "a".
[[nodiscard]] std::string message_folder(std::int64_t id);
// The id whose path is "<folder>/<name>"; nullopt when no id has that path (leading zeros, wrong folder, not a number).
[[nodiscard]] std::optional<std::int64_t> message_id_of(std::string_view folder, std::string_view name);
// The lowest id that lies in a folder of this name; nullopt when none does.
[[nodiscard]] std::optional<std::int64_t> first_id_of(std::string_view folder);
// How many ids share a folder: ids with equal id / ids_per_folder do.
inline constexpr std::int64_t ids_per_folder = 8192;

// Why `name` cannot be an account's name (it is a folder's name), for people; empty when it can. Not empty, not "." or
// "..", no '/', no control character, UTF-8, at most 200 bytes.
[[nodiscard]] std::string_view account_name_problem(std::string_view name);

// The paths of one data directory. Making a Layout touches nothing.
class Layout {
public:
    explicit Layout(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }
    [[nodiscard]] std::filesystem::path version_file() const { return root_ / "moxversion"; }
    [[nodiscard]] std::filesystem::path control_socket() const { return root_ / "ctl"; }
    [[nodiscard]] std::filesystem::path received_id_key() const { return root_ / "receivedid.key"; }
    [[nodiscard]] std::filesystem::path tmp() const { return root_ / "tmp"; }
    [[nodiscard]] std::filesystem::path moved() const { return root_ / "moved"; }
    [[nodiscard]] std::filesystem::path locks() const { return root_ / "locks"; }
    [[nodiscard]] std::filesystem::path lock(std::string_view name) const { return locks() / name; }

    [[nodiscard]] std::filesystem::path auth_db() const { return root_ / "auth.db"; }
    [[nodiscard]] std::filesystem::path dmarc_reports_db() const { return root_ / "dmarcrpt.db"; }
    [[nodiscard]] std::filesystem::path dmarc_evaluations_db() const { return root_ / "dmarceval.db"; }
    [[nodiscard]] std::filesystem::path mta_sts_db() const { return root_ / "mtasts.db"; }
    [[nodiscard]] std::filesystem::path tls_reports_db() const { return root_ / "tlsrpt.db"; }
    [[nodiscard]] std::filesystem::path tls_results_db() const { return root_ / "tlsrptresult.db"; }

    [[nodiscard]] std::filesystem::path queue() const { return root_ / "queue"; }
    [[nodiscard]] std::filesystem::path queue_db() const { return queue() / "index.db"; }
    [[nodiscard]] std::filesystem::path queue_message(std::int64_t id) const { return queue() / message_path(id); }

    [[nodiscard]] std::filesystem::path accounts() const { return root_ / "accounts"; }
    [[nodiscard]] std::filesystem::path account(std::string_view name) const { return accounts() / name; }
    [[nodiscard]] std::filesystem::path account_db(std::string_view name) const { return account(name) / "index.db"; }
    [[nodiscard]] std::filesystem::path junk_filter_db(std::string_view name) const {
        return account(name) / "junkfilter.db";
    }
    [[nodiscard]] std::filesystem::path messages(std::string_view name) const { return account(name) / "msg"; }
    [[nodiscard]] std::filesystem::path message(std::string_view name, std::int64_t id) const {
        return messages(name) / message_path(id);
    }

    // `path` relative to the root, for messages; unchanged when it is not below it.
    [[nodiscard]] std::string relative(const std::filesystem::path& path) const;

private:
    std::filesystem::path root_;
};

// What a directory on disk is.
enum class Format {
    ours,      // databases of this program, of any version
    original,  // a directory of the original mox (BoltDB)
    empty,     // a directory without anything in it
    other,     // a directory that is no data directory
};
// Throws Errc::not_found when `root` is no directory.
[[nodiscard]] Format detect_format(const std::filesystem::path& root);

// An existing data directory of ours. Errc::not_found when it is missing, Errc::unknown_format (with a hint) when it is
// something else.
[[nodiscard]] Layout open(const std::filesystem::path& root);
// Makes the directory with its fixed parts (accounts, queue, tmp, locks, moxversion); `root` must be missing or empty.
// Durable at return.
[[nodiscard]] Layout create(const std::filesystem::path& root);

// Owner, group and modes for whatever is created below `root`: those of the directory itself.
[[nodiscard]] Ownership ownership_of(const std::filesystem::path& root);

// Names of the folders below accounts/, sorted; empty when there is no such folder.
[[nodiscard]] std::vector<std::string> account_names(const Layout& layout);

// moxversion: which release last wrote the directory. nullopt when the file is missing.
[[nodiscard]] std::optional<std::string> read_version(const Layout& layout);
void write_version(const Layout& layout);

}  // namespace mox::datadir
