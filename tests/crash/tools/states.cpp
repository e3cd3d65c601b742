#include "states.hpp"

#include <algorithm>
#include <set>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "db/database.hpp"

namespace mox::test {

namespace fs = std::filesystem;

AccountState state_of(const datadir::Layout& layout, const std::string& account, const std::string& without) {
    db::Database database(layout.account_db(account), {.access = db::Access::read_only});
    AccountState state;
    for (const auto& [line] : database.rows<std::string>(
             "SELECT b.name || ' ' || b.uidvalidity || ' ' || b.uidnext || ' ' || b.count_total || ' ' || b.keywords"
             " || (EXISTS (SELECT 1 FROM subscription s WHERE s.name = b.name)) FROM mailbox b"
             " WHERE b.expunged = 0 AND b.name <> ? ORDER BY b.name",
             without))
        state.mailboxes.push_back(line);
    for (const auto& [line] : database.rows<std::string>(
             "SELECT b.name || ' ' || p.uid || ' ' || p.flags || ' ' || p.keywords || ' ' || m.received || ' ' ||"
             " m.size || ' ' || hex(m.file_sha256) FROM placement p JOIN mailbox b ON b.id = p.mailbox_id"
             " JOIN message m ON m.id = p.message_id WHERE b.name <> ? ORDER BY b.name, p.uid",
             without))
        state.mail.push_back(line);
    for (const auto& [id] : database.rows<std::int64_t>("SELECT id FROM message ORDER BY id")) state.ids.push_back(id);
    state.next_id = database.value<std::int64_t>("SELECT next_message_id FROM account").value();
    state.id_blocks = database.value<std::size_t>("SELECT count(*) FROM id_block").value();
    return state;
}

Tree tree_of(const fs::path& root) {
    Tree tree;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        const std::string name = entry.path().lexically_relative(root);
        if (name.ends_with("-shm") || (name.ends_with("-wal") && fs::file_size(entry.path()) == 0)) continue;
        if (name.find("locks/") != std::string::npos) continue;
        tree[name] = entry.is_regular_file() ? to_hex(sha256(as_bytes(read_file(entry.path())))) : "d";
    }
    return tree;
}

std::vector<std::string> temporary_files(const datadir::Layout& layout) {
    std::vector<std::string> names;
    if (!directory_exists(layout.tmp())) return names;
    for (const auto& entry : list_directory(layout.tmp())) names.push_back(entry.name);
    return names;
}

namespace {

// Follows what is on disk for sure, call by call.
class Disk {
public:
    explicit Disk(const std::string& account) : messages_(account + "/msg"), log_(account + "/index.db-wal") {}

    void apply(const FaultCall& call) {
        const std::string& path = call.path;
        if (call.kind == "syncfs" || call.kind == "sync") {
            dirty_.clear();
        } else if (call.kind == "fsync" || call.kind == "fdatasync") {
            if (path == log_) remember_unsynced(call);
            dirty_.erase(path);
        } else if (call.kind == "write" || call.kind == "truncate" || call.kind == "copy") {
            dirty_.insert(path);
        } else if (call.kind == "create" || call.kind == "mkdir") {
            if (path.find("/tmp/") != std::string::npos) newest_temporary_ = path;
            dirty_.insert(path);
            dirty_.insert(parent_of(path));
        } else if (call.kind == "link" || call.kind == "rename") {
            // The log names only the new name; what is linked is the file that was made last.
            if (dirty_.contains(newest_temporary_)) dirty_.insert(path);
            dirty_.insert(parent_of(path));
        } else if (call.kind == "unlink" || call.kind == "rmdir") {
            dirty_.erase(path);
            dirty_.insert(parent_of(path));
        }
    }
    [[nodiscard]] const std::vector<std::string>& unsynced() const { return unsynced_; }

private:
    static std::string parent_of(const std::string& path) { return fs::path(path).parent_path(); }
    void remember_unsynced(const FaultCall& commit) {
        for (const auto& path : dirty_)
            if (path.starts_with(messages_)) unsynced_.push_back(path + " at call " + std::to_string(commit.number));
    }

    std::string messages_, log_, newest_temporary_;
    std::set<std::string> dirty_;
    std::vector<std::string> unsynced_;
};

}  // namespace

std::vector<std::string> unsynced_at_commits(const std::vector<FaultCall>& calls, const std::string& account) {
    Disk disk(account);
    for (const auto& call : calls) disk.apply(call);
    return disk.unsynced();
}

}  // namespace mox::test
