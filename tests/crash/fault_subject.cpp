// The program that tests of the fault harness run: makes a known sequence of calls, and tells how it went.
//
//   fault_subject files DIR          one call of each kind
//   fault_subject threads DIR        four threads write 100 times each
//   fault_subject atomic FILE TEXT   AtomicFile
//   fault_subject rows DB COUNT      COUNT transactions of one row each; prints the number of each when it is committed
//   fault_subject nothing DIR        writes only to standard output and outside of DIR

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/copy.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/platform.hpp"
#include "db/database.hpp"

using namespace mox;
namespace fs = std::filesystem;

namespace {

void require(bool good, const char* what) {
    if (!good) throw system_error(errno, what);
}

void all_kinds(const fs::path& dir) {
    make_directory(dir / "folder");  // mkdir
    {
        const UniqueFd file = create_file(dir / "a");               // create
        write_all(file.get(), std::string_view("one"), "a");        // write
        require(::pwrite(file.get(), "two", 3, 3) == 3, "pwrite");  // write
        sync_file(file.get(), dir / "a");                           // fsync (or fdatasync)
        require(::fdatasync(file.get()) == 0, "fdatasync");         // fdatasync
        require(::ftruncate(file.get(), 4) == 0, "truncate");       // truncate
        require(::fchmod(file.get(), 0640) == 0, "fchmod");         // attr
        const UniqueFd copy = create_file(dir / "b");               // create
        require(!platform::clone_file(-1, copy.get()), "clone");    // clone, which fails
        require(platform::copy_contents(open_for_reading(dir / "a").get(), copy.get(), 4, "b"), "copy");  // copy
    }
    require(::link((dir / "a").c_str(), (dir / "c").c_str()) == 0, "link");  // link
    require(::symlink("a", (dir / "s").c_str()) == 0, "symlink");            // symlink
    rename_file(dir / "c", dir / "d");                                       // rename
    remove_file(dir / "d");                                                  // unlink
    const UniqueFd folder(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    require(::unlinkat(folder.get(), "s", 0) == 0, "unlinkat");  // unlink
    fs::remove(dir / "folder");                                  // rmdir (as "rmdir")
    std::ofstream(dir / "stream") << "text";                     // create, write
    sync_directory(dir);                                         // fsync
    sync_filesystem(dir);                                        // syncfs (or sync)
}

void write_in_threads(const fs::path& dir) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&dir, i] {
            const fs::path path = dir / std::to_string(i);
            const UniqueFd file = create_file(path);
            for (int n = 0; n < 100; ++n) write_all(file.get(), std::string_view("line\n"), path);
        });
    for (auto& thread : threads) thread.join();
}

void insert_rows(const fs::path& path, int count) {
    db::Database database(path, {.access = db::Access::create});
    database.exec("CREATE TABLE IF NOT EXISTS t (a INTEGER)");
    for (int i = 1; i <= count; ++i) {
        db::Transaction transaction(database);
        database.run("INSERT INTO t (a) VALUES (?)", i);
        transaction.commit();
        std::printf("%d\n", i);
        std::fflush(stdout);
    }
}

void touch_nothing(const fs::path& dir) {
    std::printf("%s\n", read_file(dir / "there").c_str());
    const TemporaryDirectory elsewhere(fs::temp_directory_path(), "fault-elsewhere-");
    AtomicFile file(elsewhere.path() / "f");
    file.write("text");
    file.commit();
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string what = argc > 2 ? argv[1] : "";
    if (what == "files") {
        all_kinds(argv[2]);
    } else if (what == "threads") {
        write_in_threads(argv[2]);
    } else if (what == "atomic" && argc > 3) {
        AtomicFile file(argv[2]);
        file.write(argv[3]);
        file.write(argv[3]);
        file.commit();
    } else if (what == "rows" && argc > 3) {
        insert_rows(argv[2], std::atoi(argv[3]));
    } else if (what == "nothing") {
        touch_nothing(argv[2]);
    } else {
        return 2;
    }
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
