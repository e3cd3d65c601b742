#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "cli/testing.hpp"
#include "snapshot/take.hpp"
#include "store/message.hpp"
#include "store/message_file.hpp"
#include "support/healthy_directory.hpp"
#include "support/logical_dump.hpp"
#include "support/verify.hpp"
#include "tools/restore/restore.hpp"

namespace mox::test {

namespace fs = std::filesystem;

using Words = std::vector<std::string>;

// One message in one mailbox, with all that a restore must bring back.
struct Mail {
    std::string mailbox;
    std::string contents;  // prefix and file
    std::string prefix;
    model::Flags flags;
    model::Keywords keywords;
    Timestamp received;
    std::optional<std::int64_t> save_date;
    bool is_forward = false;
    std::uint32_t uid = 0;
    std::int64_t id = 0;
    std::optional<store::Delivery> delivery;

    // Everything but UID and id, as one text.
    [[nodiscard]] std::string text() const {
        std::string flag_names;
        for (const auto name : model::imap_names(flags)) flag_names += std::string(name) + " ";
        return mailbox + "|" + contents + "|" + prefix + "|" + flag_names + "|" + model::joined(keywords) + "|" +
               to_rfc3339(received) + "|" + std::to_string(received.offset_minutes) + "|" +
               std::to_string(save_date.value_or(0)) + "|" + (is_forward ? "forward" : "") + "|" +
               (delivery ? delivery->remote_ip + delivery->mail_from + model::joined(delivery->dkim_domains) : "");
    }
};

inline std::vector<Mail> mail_of(const datadir::Layout& layout, std::string_view name) {
    auto account = store::Account::open(layout, name);
    std::vector<Mail> found;
    for (const auto& mailbox : store::list_mailboxes(account.database()))
        for (const auto& placement : store::list_placements(account.database(), mailbox.id)) {
            const auto message = store::find_message(account.database(), placement.message).value();
            found.push_back({.mailbox = mailbox.name,
                             .contents = store::read_contents(account.message_file(message.id), message),
                             .prefix = message.prefix,
                             .flags = placement.flags,
                             .keywords = placement.keywords,
                             .received = message.received,
                             .save_date = placement.save_date,
                             .is_forward = placement.is_forward,
                             .uid = number(placement.uid),
                             .id = number(message.id),
                             .delivery = store::find_delivery(account.database(), message.id)});
        }
    return found;
}

inline std::vector<std::string> texts_of(const std::vector<Mail>& mail) {
    std::vector<std::string> texts;
    for (const auto& one : mail) texts.push_back(one.text());
    return texts;
}

// A data directory in which everything happened, with its configuration and a snapshot of both.
class RestoreFixture {
public:
    RestoreFixture() {
        auto account = store::Account::open(live(), "alice");
        store::Delivery delivery{.remote_ip = "192.0.2.7", .mail_from = "ida@harbour.example"};
        delivery.dkim_domains = {"harbour.example", "mill.example"};
        store::NewMessage message{.prefix = "Received: here\r\n",
                                  .received = {.seconds = 1'700'100'000, .nanoseconds = 5, .offset_minutes = 120},
                                  .flags = model::Flag::junk | model::Flag::seen,
                                  .keywords = {"ferry"}};
        message.delivery = delivery;
        message.is_forward = true;
        (void)store::deliver(account, "Inbox", message, HealthyDirectory::message("Fährplan", "9@example"));
        account.close();
        config_.write("etc/mox.conf", "DataDir: data\n");
        config_.write("etc/dkim/key.pem", "secret");
        fs::permissions(config_ / "etc/dkim/key.pem", fs::perms(0600));
        fs::create_symlink("mox.conf", config_ / "etc/link");
        take(snapshot());
    }

    [[nodiscard]] const datadir::Layout& live() const { return healthy_.layout(); }
    [[nodiscard]] const HealthyDirectory& healthy() const { return healthy_; }
    [[nodiscard]] fs::path snapshot() const { return config_ / "snapshot"; }
    [[nodiscard]] fs::path dest() const { return config_ / "dest"; }
    [[nodiscard]] datadir::Layout restored() const { return datadir::open(dest()); }
    [[nodiscard]] const TempDir& temp() const { return config_; }
    void take(const fs::path& to) const {
        snapshot::Observer observer;
        (void)snapshot::take({.data_dir = live().root(), .config_dir = config_ / "etc", .jobs = 2}, to, observer);
    }

    // mox-restore SNAPSHOT and what `line` says, separated by blanks: @dest and the like are folders of this fixture.
    // (Lists of strings take the compiler very long.)
    [[nodiscard]] Words words_of(std::string_view line) const {
        Words words;
        std::istringstream in{std::string(line)};
        for (std::string word; in >> word;) {
            const bool is_folder = word.starts_with('@');
            words.push_back(word == "@live" ? live().root().native()
                            : is_folder     ? (config_ / word.substr(1)).native()
                                            : word);
        }
        return words;
    }
    [[nodiscard]] cli::ToolRun run_line(std::string_view line) const { return run(words_of(line)); }
    // mox-restore SNAPSHOT words…
    [[nodiscard]] cli::ToolRun run(const Words& words) const {
        Words all{snapshot()};
        all.insert(all.end(), words.begin(), words.end());
        return cli::run_tool(restore::tool(), all);
    }
    // The same with --data-dir of the live directory, from account alice into `into`.
    [[nodiscard]] cli::ToolRun run_into(const std::string& into, const Words& words = {}) const {
        Words all{"--data-dir", live().root(), "--account", "alice", "--into", into};
        all.insert(all.end(), words.begin(), words.end());
        return run(all);
    }
    void expunge_all(const std::string& account_name, std::string_view mailbox) const {
        auto account = store::Account::open(live(), account_name);
        store::Transaction tx(account);
        (void)store::expunge(tx, store::find_mailbox(tx.database(), mailbox).value().id, {store::all_uids},
                             store::Expunge::all);
        tx.commit();
    }

private:
    HealthyDirectory healthy_;
    TempDir config_;
};

inline nlohmann::json last_json(const std::string& out) {
    const auto end = out.find_last_not_of('\n');
    const auto start = out.rfind('\n', end);
    return nlohmann::json::parse(out.substr(start == std::string::npos ? 0 : start + 1));
}

inline std::vector<nlohmann::json> json_of(const std::string& out, const std::string& type) {
    std::vector<nlohmann::json> found;
    std::istringstream in(out);
    for (std::string line; std::getline(in, line);) {
        auto parsed = nlohmann::json::parse(line);
        if (parsed["type"] == type) found.push_back(std::move(parsed));
    }
    return found;
}

// Without what says that a test runs as root.
inline std::vector<std::string> findings_but_owner(const datadir::Layout& layout) {
    auto found = findings_in(layout);
    std::erase_if(found, [](const std::string& text) { return text.find("[owner-mode]") != std::string::npos; });
    return found;
}

inline void flip_byte(const fs::path& file, std::size_t at) {
    std::string text = read_file(file);
    text.at(at) = static_cast<char>(text[at] ^ 1);
    std::ofstream(file, std::ios::binary) << text;
}

}  // namespace mox::test
