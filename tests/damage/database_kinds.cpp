#include <fstream>

#include "db/database.hpp"
#include "kinds.hpp"
#include "reports/databases.hpp"

namespace mox::test {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t page_size = 4096;
constexpr int log_transactions = 8;

using Edit = std::function<void(std::string& bytes, Random&)>;

void flip_bit(std::string& bytes, std::size_t at, Random& random) {
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
}

// The last transaction of a log begins where the one before ends: at the last frame but one that says a size.
std::size_t last_transaction(const std::string& log) {
    constexpr std::size_t header = 32, frame = 24 + page_size;
    std::size_t begins = header, before = header;
    for (std::size_t at = header; at + frame <= log.size(); at += frame)
        if (log.substr(at + 4, 4) != std::string(4, '\0')) before = std::exchange(begins, at + frame);
    return begins >= log.size() ? before : begins;
}

// As a crash leaves it: some transactions in the log, which change nothing.
void make_log(const fs::path& database) {
    const TemporaryDirectory aside(database.parent_path(), "log-");
    const fs::path copy = aside.path() / "x.db";
    fs::copy_file(database, copy);
    {
        db::Database open(copy, {.access = db::Access::read_write});
        open.exec("PRAGMA wal_autocheckpoint = 0");
        const auto version = std::to_string(open.value<int>("PRAGMA user_version").value_or(0));
        for (int i = 0; i < log_transactions; ++i) open.exec("PRAGMA user_version = " + version);
        fs::copy_file(copy, database, fs::copy_options::overwrite_existing);
        fs::copy_file(copy.native() + "-wal", database.native() + "-wal");
    }
}

class OfDatabase {
public:
    OfDatabase(std::string path, std::string group, const fs::path& older)
        : path_(std::move(path)),
          group_(std::move(group)),
          older_(older) {}

    [[nodiscard]] std::vector<Kind> kinds() const {
        std::vector<Kind> found{
            edited("flip one bit",
                   [](std::string& bytes, Random& random) { flip_bit(bytes, random.below(bytes.size()), random); }),
            edited("zero a page",
                   [](std::string& bytes, Random& random) {
                       bytes.replace(random.below(bytes.size() / page_size) * page_size, page_size,
                                     std::string(page_size, '\0'));
                   }),
            edited("truncate", [](std::string& bytes, Random& random) { bytes.resize(random.below(bytes.size())); }),
            edited("swap two pages",
                   [](std::string& bytes, Random& random) {
                       const auto pages = bytes.size() / page_size;
                       const auto one = random.below(pages) * page_size, other = random.below(pages) * page_size;
                       const std::string page = bytes.substr(one, page_size);
                       bytes.replace(one, page_size, bytes.substr(other, page_size));
                       bytes.replace(other, page_size, page);
                   }),
            edited("change a byte of the header",
                   [](std::string& bytes, Random& random) {
                       char& byte = bytes[random.below(100)];
                       byte = static_cast<char>(byte ^ static_cast<char>(1 + random.below(255)));
                   }),
            {.group = group_, .name = "flip one bit of the log", .inflict = [*this](Subject& subject, Random& random) {
                 return damage_log(subject, random);
             }}};
        // Of a junk filter that is gone the account tells, of a database that need not be there a snapshot's manifest.
        const bool is_optional = !group_.ends_with("index.db") && group_ != "junkfilter.db";
        found.push_back({.group = group_,
                         .name = "delete",
                         .inflict =
                             [*this](Subject& subject, Random&) {
                                 fs::remove(subject.change(path_));
                                 if (group_ != "junkfilter.db") return std::optional(fault("", {}));
                                 return std::optional(fault("", {fs::path(path_).parent_path()}));
                             },
                         .as = is_optional ? Subject::As::snapshot : Subject::As::data_directory});
        if (fs::exists(older_ / path_))
            found.push_back(
                {.group = group_, .name = "replace by an older copy", .inflict = [*this](Subject& subject, Random&) {
                     fs::copy_file(older_ / path_, subject.change(path_), fs::copy_options::overwrite_existing);
                     // What is newer lies around it.
                     auto done = fault("", {fs::path(path_).parent_path()});
                     done.is_exempt = true;
                     return std::optional(done);
                 }});
        return found;
    }

private:
    [[nodiscard]] Fault fault(std::string what, std::vector<std::string> more) const {
        more.push_back(path_);
        return {.what = path_ + ": " + what, .paths = std::move(more), .database = path_};
    }
    [[nodiscard]] Kind edited(std::string name, Edit change) const {
        return {.group = group_,
                .name = std::move(name),
                .inflict = [*this, change](Subject& subject, Random& random) -> std::optional<Fault> {
                    const std::string before = subject.bytes(path_);
                    for (int attempt = 0; attempt < 20; ++attempt) {
                        std::string bytes = before;
                        change(bytes, random);
                        if (bytes == before) continue;
                        subject.write(path_, bytes);
                        std::size_t at = 0;
                        while (at < std::min(bytes.size(), before.size()) && bytes[at] == before[at]) ++at;
                        return fault("from byte " + std::to_string(at) + " of " + std::to_string(before.size()), {});
                    }
                    return std::nullopt;
                }};
    }
    [[nodiscard]] std::optional<Fault> damage_log(Subject& subject, Random& random) const {
        const std::string log = path_ + "-wal";
        subject.change(log);
        make_log(subject.change(path_));
        std::string bytes = read_file(subject.work() / log);
        const auto at = random.below(bytes.size());
        flip_bit(bytes, at, random);
        std::ofstream(subject.work() / log, std::ios::binary | std::ios::trunc) << bytes;
        auto done = fault("byte " + std::to_string(at) + " of the log", {log});
        done.is_exempt = at >= last_transaction(bytes);
        return done;
    }

    std::string path_, group_;
    fs::path older_;
};

}  // namespace

std::vector<Kind> database_kinds(const Subject& subject, const fs::path& older) {
    const std::string account = "data/accounts/" + subject.account();
    std::vector<std::pair<std::string, std::string>> databases{{account + "/index.db", "index.db"},
                                                               {account + "/junkfilter.db", "junkfilter.db"},
                                                               {"data/queue/index.db", "queue/index.db"}};
    for (const auto& database : reports::directory_databases())
        databases.emplace_back("data/" + std::string(database.name), database.name);
    std::vector<Kind> kinds;
    for (const auto& [path, group] : databases) {
        if (!fs::exists(subject.pristine(path))) continue;
        for (auto& kind : OfDatabase(path, group, older).kinds()) kinds.push_back(std::move(kind));
    }
    return kinds;
}

}  // namespace mox::test
