#include "state.hpp"

#include <string>
#include <string_view>

#include "base/hash.hpp"

namespace mox::load {

namespace {

// Texts and numbers of one row, so that no two rows give the same bytes.
class Row {
public:
    explicit Row(std::string& bytes) : bytes_(bytes) { bytes_.clear(); }
    Row& add(std::string_view text) {
        add(static_cast<std::int64_t>(text.size()));
        bytes_ += text;
        return *this;
    }
    Row& add(std::int64_t number) {
        bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
        return *this;
    }
    [[nodiscard]] std::uint64_t hash() const { return xxh3_64(bytes_); }

private:
    std::string& bytes_;
};

}  // namespace

std::uint64_t state_hash(db::Database& database) {
    std::uint64_t sum = 0;
    std::string bytes;
    for (const auto& [name, uidvalidity, uidnext] : database.rows<std::string_view, std::int64_t, std::int64_t>(
             "SELECT name, uidvalidity, uidnext FROM mailbox WHERE expunged = 0"))
        sum += Row(bytes).add("mailbox").add(name).add(uidvalidity).add(uidnext).hash();
    for (const auto& [name, uid, flags, keywords, modseq, sha256] :
         database.rows<std::string_view, std::int64_t, std::int64_t, std::string_view, std::int64_t, std::string_view>(
             "SELECT b.name, p.uid, p.flags, p.keywords, p.modseq, m.file_sha256 FROM placement p"
             " JOIN mailbox b ON b.id = p.mailbox_id JOIN message m ON m.id = p.message_id"))
        sum += Row(bytes).add("message").add(name).add(uid).add(flags).add(keywords).add(modseq).add(sha256).hash();
    return sum;
}

State state_of(db::Database& database) {
    const db::ReadTransaction reading(database);
    return {.modseq = database.value<std::int64_t>("SELECT last_modseq FROM account").value(),
            .hash = state_hash(database)};
}

}  // namespace mox::load
