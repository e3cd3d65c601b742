#include "server/process/received_id_key.hpp"

#include <array>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/random.hpp"

namespace mox::process {

namespace {

constexpr std::size_t key_bytes = 24;

}  // namespace

std::string received_id_key(const datadir::Layout& layout, const User& user) {
    const auto path = layout.received_id_key();
    if (const auto status = status_of(path); status && S_ISREG(status->st_mode) && status->st_size == key_bytes)
        return read_file(path, key_bytes);
    std::array<std::byte, key_bytes> key{};
    SystemRandom().fill(key);
    const gid_t group = datadir::ownership_of(layout.root()).group.value_or(user.group);
    AtomicFile file(path, {.user = user.user, .group = group, .file_mode = 0640});
    file.write(as_text(key));
    file.commit();
    return std::string(as_text(key));
}

}  // namespace mox::process
