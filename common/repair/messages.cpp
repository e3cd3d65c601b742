#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "db/inspect.hpp"
#include "mime/message.hpp"
#include "repair/database.hpp"
#include "repair/file_reader.hpp"
#include "repair/rows.hpp"
#include "store/message.hpp"

namespace mox::repair {

namespace {

// Messages whose files are read before one transaction changes their rows.
constexpr std::size_t most_at_once = 16;

// How far the recorded hash may be replaced by that of the file.
enum class Hash {
    keep,
    if_all_else_agrees,  // size and structure are those of the file, so that it is the hash that changed
    if_size_agrees,      // somebody asked for it
};

// A message whose row may be wrong, with what its file says.
struct Case {
    store::Message row;
    bool has_hash = false;  // a recorded hash of the right length
    std::optional<store::WrittenFile> file;

    [[nodiscard]] bool same_hash() const { return has_hash && file->sha256 == row.file_sha256; }
    [[nodiscard]] std::int64_t true_size() const {
        return static_cast<std::int64_t>(row.prefix.size()) + file->size_bytes;
    }
    [[nodiscard]] bool same_structure() const { return row.structure && mime::decode(*row.structure) == file->parsed; }
};

std::optional<Case> load_case(const Part& part, db::Database& database, const std::string& account, std::int64_t id) {
    auto row = store::find_message(database, static_cast<store::MessageId>(id));
    if (!row) return std::nullopt;
    Case found{.row = std::move(*row)};
    found.has_hash =
        database.value<int>("SELECT 1 FROM message WHERE id = ? AND length(file_sha256) = 32", id).has_value();
    if (auto read = read_message_file(part.layout().message(account, id), found.row.prefix))
        found.file = std::move(read->file);
    return found;
}

// Sets in a row what its file proves to be wrong. False when file and row do not fit together, and nothing was done.
class RowRepair {
public:
    RowRepair(Part& part, db::Database& database, CheckId because)
        : part_(part),
          database_(database),
          because_(because),
          path_(relative_path(part, database)) {}

    bool compare(const Case& of, Hash how) {
        if (!of.file) return false;
        const bool same_size = of.true_size() == of.row.size_bytes;
        if (!of.same_hash()) {
            if (how == Hash::keep || !same_size || (how == Hash::if_all_else_agrees && !of.same_structure()))
                return false;
            set(of, "file_sha256", db::Blob(of.file->sha256), "the SHA-256 of its file");
        }
        if (!same_size)
            set(of, "size", of.true_size(), fmt::format("the size {}, not {}", of.true_size(), of.row.size_bytes));
        return true;
    }
    // What is computed from the contents; only when these are known to be right.
    void compare_texts(const Case& of) {
        const auto& threading = of.file->parsed.threading;
        if (of.row.message_id != threading.message_id)
            set(of, "message_id", threading.message_id,
                fmt::format("the Message-ID {}, not {}", quote(threading.message_id), quote(of.row.message_id)));
        if (of.row.subject_base != threading.subject.text)
            set(of, "subject_base", threading.subject.text,
                fmt::format("the base subject {}, not {}", quote(threading.subject.text), quote(of.row.subject_base)));
        if (of.row.structure && !of.same_structure()) set_structure(of);
    }
    void set_structure(const Case& of) {
        set(of, "structure", db::Blob(mime::encode(of.file->parsed)), "the structure of its contents, parsed again");
    }

private:
    template <class Value>
    void set(const Case& of, std::string_view column, const Value& value, const std::string& text) {
        database_.run(fmt::format("UPDATE message SET {} = ? WHERE id = ?", column), value, of.row.id);
        part_.did(because_, path_, fmt::format("message {} has {} now", number(of.row.id), text));
    }

    Part& part_;
    db::Database& database_;
    CheckId because_;
    std::string path_;
};

// Reads the messages in groups, and repairs each group in one transaction.
void for_each_case(Part& part, db::Database& database, const std::string& account, std::vector<std::int64_t> ids,
                   const std::function<void(const Case&)>& repair) {
    const std::string path = relative_path(part, database);
    for (std::size_t start = 0; start < ids.size(); start += most_at_once) {
        std::vector<Case> cases;
        part.attempt(path, [&] {
            for (std::size_t i = start; i < std::min(start + most_at_once, ids.size()); ++i)
                if (auto found = load_case(part, database, account, ids[i])) cases.push_back(std::move(*found));
        });
        part.in_transaction<db::Transaction>(path, database, [&](db::Transaction&) {
            for (const auto& found : cases) repair(found);
        });
    }
}

std::vector<std::int64_t> ids_where(db::Database& database, const std::string& condition) {
    std::vector<std::int64_t> ids;
    for (const auto& [id] : database.rows<std::int64_t>("SELECT id FROM message WHERE " + condition + " ORDER BY id"))
        ids.push_back(id);
    return ids;
}

// Ids of the messages whose files verification found fault with.
std::vector<std::int64_t> ids_found(const AccountRepair& repair, CheckId check) {
    std::vector<std::int64_t> ids;
    if (!repair.wanted(check)) return ids;
    for (const auto& path : repair.part.paths(check)) {
        const std::filesystem::path file(path);
        if (const auto id = datadir::message_id_of(file.parent_path().filename().native(), file.filename().native()))
            ids.push_back(*id);
    }
    return ids;
}

constexpr std::string_view impossible_row =
    "size < length(prefix) OR length(file_sha256) <> 32 OR received_nanoseconds NOT BETWEEN 0 AND 999999999 OR"
    " received_offset NOT BETWEEN -1440 AND 1440 OR thread_missing_link NOT IN (0, 1)";

bool is_canonical(std::string_view message_id) {
    return is_utf8(message_id) && std::ranges::none_of(message_id, [](char c) {
               return (static_cast<unsigned char>(c) <= 0x20 && c != ' ' && c != '\t') || (c >= 'A' && c <= 'Z');
           });
}

void mend_rows(const AccountRepair& repair) {
    db::Database& database = repair.database();
    auto ids = ids_where(database, std::string(impossible_row));
    for (const auto& [id, message_id] :
         database.rows<std::int64_t, std::string>("SELECT id, message_id FROM message WHERE message_id <> ''"))
        if (!is_canonical(message_id)) ids.push_back(id);
    RowRepair rows(repair.part, database, "message-row");
    for_each_case(repair.part, database, repair.account.name(), ids, [&](const Case& of) {
        if (rows.compare(of, Hash::if_all_else_agrees)) rows.compare_texts(of);
        const auto id = number(of.row.id);
        if (database.run("UPDATE message SET received_nanoseconds = iif(received_nanoseconds BETWEEN 0 AND 999999999,"
                         " received_nanoseconds, 0), received_offset = iif(received_offset BETWEEN -1440 AND 1440,"
                         " received_offset, 0), thread_missing_link = thread_missing_link <> 0 WHERE id = ? AND"
                         " (received_nanoseconds NOT BETWEEN 0 AND 999999999 OR received_offset NOT BETWEEN -1440 AND"
                         " 1440 OR thread_missing_link NOT IN (0, 1))",
                         id) > 0)
            repair.did("message-row", fmt::format("message {} has possible values now of its time and thread", id));
    });
}

// Structures that cannot be read, or whose offsets do not fit.
void mend_structures(const AccountRepair& repair, CheckId check) {
    const bool unreadable = check.index() == CheckId("structure").index();
    std::vector<std::int64_t> ids;
    db::Statement row =
        repair.database().prepare("SELECT id, size, structure FROM message WHERE structure IS NOT NULL ORDER BY id");
    while (row.step()) {
        check_interrupt();
        const auto message = mime::decode(row.column<std::string_view>(2));
        const auto size = static_cast<std::uint64_t>(std::max<std::int64_t>(row.column<std::int64_t>(1), 0));
        if (unreadable ? !message : message && !mime::check_offsets(*message, size).empty())
            ids.push_back(row.column<std::int64_t>(0));
    }
    row.reset();
    RowRepair rows(repair.part, repair.database(), check);
    for_each_case(repair.part, repair.database(), repair.account.name(), ids, [&](const Case& of) {
        if (of.file && of.true_size() == of.row.size_bytes) rows.set_structure(of);
    });
}

}  // namespace

std::vector<std::int64_t> mend_sealed_messages(Part& part, db::Database& database, const std::string& account) {
    std::vector<std::int64_t> contradictions;
    if (!part.wanted("seal")) return contradictions;
    std::string broken;
    for (const auto& table : db::sealed_tables(database))
        if (table.name == "message") broken = table.broken;
    if (broken.empty()) return contradictions;
    RowRepair rows(part, database, "seal");
    for_each_case(part, database, account, ids_where(database, broken), [&](const Case& of) {
        if (rows.compare(of, Hash::if_all_else_agrees))
            rows.compare_texts(of);
        else if (of.file)
            contradictions.push_back(number(of.row.id));
    });
    return contradictions;
}

void mend_messages(const AccountRepair& repair) {
    if (repair.wanted("message-row")) repair.part.attempt(repair.path, [&] { mend_rows(repair); });
    {
        RowRepair rows(repair.part, repair.database(), "message-size");
        for_each_case(repair.part, repair.database(), repair.account.name(), ids_found(repair, "message-size"),
                      [&](const Case& of) { (void)rows.compare(of, Hash::keep); });
    }
    // Only for who names it: the file may be what is damaged.
    if (repair.part.run().options.only.test(CheckId("message-hash").index())) {
        RowRepair rows(repair.part, repair.database(), "message-hash");
        for_each_case(repair.part, repair.database(), repair.account.name(), ids_found(repair, "message-hash"),
                      [&](const Case& of) {
                          if (rows.compare(of, Hash::if_size_agrees)) rows.compare_texts(of);
                      });
    }
    for (const CheckId check : {CheckId("structure"), CheckId("structure-offsets")})
        if (repair.wanted(check)) repair.part.attempt(repair.path, [&] { mend_structures(repair, check); });
}

}  // namespace mox::repair
