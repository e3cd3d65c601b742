#include "store/trainable.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "junk/tokenizer.hpp"

namespace mox::store {

std::vector<TrainedMessage> trained_messages(db::Database& database, const std::string& state) {
    // All of the table in its own order is read much faster than by the index of messages.
    std::vector<std::pair<MessageId, std::int64_t>> placements;
    for (const auto& [id, trained] : database.rows<MessageId, std::int64_t>(
             fmt::format("SELECT message_id, {0} FROM placement WHERE {0} <> 0", state)))
        placements.emplace_back(id, trained);
    std::sort(placements.begin(), placements.end());
    std::vector<TrainedMessage> messages;
    for (const auto& [id, trained] : placements) {
        if (messages.empty() || messages.back().id != id) messages.push_back({.id = id});
        (trained == 1 ? messages.back().junk : messages.back().ham) = true;
    }
    return messages;
}

void read_head(const Account& account, const Unopened& unopened, std::string& contents) {
    contents.clear();
    const std::int64_t in_file = unopened.size_bytes - static_cast<std::int64_t>(unopened.prefix.size());
    if (in_file < 0) return;
    const auto path = account.message_file(unopened.message.id);
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status = {};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        if (errno == ENOENT || errno == ELOOP) return;
        throw system_error(errno, "open", path.native());
    }
    if (!S_ISREG(status.st_mode) || status.st_size != in_file) return;
    const std::string_view prefix = std::string_view(unopened.prefix).substr(0, junk::max_message_bytes);
    contents = prefix;
    contents.resize(std::min(junk::max_message_bytes, prefix.size() + static_cast<std::size_t>(in_file)));
    const auto rest = std::as_writable_bytes(std::span(contents)).subspan(prefix.size());
    if (read_full(fd.get(), rest, path) < rest.size()) contents.clear();  // cut off meanwhile
}

WeighedBatch next_batch(db::Database& database, std::span<const TrainedMessage> messages, std::size_t& at) {
    constexpr std::size_t most_messages = 64, most_bytes = 1U << 20U, bytes_of_one = 4'096;
    WeighedBatch result;
    db::Statement row = database.prepare("SELECT size, prefix FROM message WHERE id = ?");
    while (at < messages.size() && result.batch.size() < most_messages && result.weight < most_bytes) {
        Unopened unopened{.message = messages[at++]};
        row.bind(unopened.message.id);
        if (row.step()) {
            unopened.size_bytes = row.column<std::int64_t>(0);
            unopened.prefix = row.column<std::string>(1);
        }
        // Only one file of a batch is in memory, its words beside it.
        result.weight +=
            bytes_of_one + unopened.prefix.size() +
            static_cast<std::size_t>(std::clamp<std::int64_t>(unopened.size_bytes, 0, junk::max_message_bytes));
        result.batch.push_back(std::move(unopened));
    }
    return result;
}

}  // namespace mox::store
