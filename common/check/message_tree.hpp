#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "check/scope.hpp"
#include "datadir/layout.hpp"

namespace mox::check {

// What rows say of the file of one message id.
struct ExpectedFile {
    enum class State : std::uint8_t {
        none,     // no such message: there must be no file
        allowed,  // the file may be there: the message waits to be erased, or its id is reserved by a running process
        needed,
    };
    State state = State::none;
    std::int64_t size_bytes = 0;  // of the file
};

// The files of messages below one folder: accounts/<name>/msg or queue (promises P2 to P4). They lie in the directory,
// or in the archive that run().options names. Threads may check different folders at a time.
class MessageTree {
public:
    // `look_again` tells what rows say of an id now; asked before anything is said against its file, as the messages of
    // a live directory come and go.
    MessageTree(Scope& scope, std::string path, std::function<ExpectedFile(std::int64_t)> look_again);

    // Calls `visit` for each entry of the top folder that is not the folder of ids; reports those that cannot be one.
    // Returns the numbers (id / ids_per_folder) of the folders that are there.
    [[nodiscard]] std::vector<std::int64_t> folders(const std::function<bool(std::string_view name)>& is_known);

    // Compares one folder with what is expected of its ids_per_folder ids. `hashes` is empty when contents are not
    // read.
    void check_folder(std::int64_t number, std::span<const ExpectedFile> expected,
                      std::span<const Sha256Digest> hashes);

private:
    struct Found;
    [[nodiscard]] Found scan(std::int64_t number);
    void scan_archive(Found& found);
    void check_archived_hashes(const Found& found, std::span<const ExpectedFile> expected,
                               std::span<const Sha256Digest> hashes);
    void check_file(const Found& found, std::size_t slot, const ExpectedFile& expected);
    void check_hashes(const Found& found, std::span<const ExpectedFile> expected, std::span<const Sha256Digest> hashes);
    void check_hash(const Found& found, std::size_t slot, const Sha256Digest& expected);

    Scope& scope_;
    std::string path_;
    std::function<ExpectedFile(std::int64_t)> look_again_;
    UniqueFd top_;  // empty: missing
    bool usable_ = true;
};

}  // namespace mox::check
