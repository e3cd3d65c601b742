#include "base/platform.hpp"

namespace mox::platform {

bool clone_file(int, int) { return false; }
bool copy_contents(int, int, std::uint64_t, const char*) { return false; }
bool sync_filesystem_of(int, const std::filesystem::path&) { return false; }
std::uint64_t peak_memory_bytes() { return 0; }

}  // namespace mox::platform
