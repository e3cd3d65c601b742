#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "journal.hpp"
#include "shared.hpp"
#include "writer.hpp"

namespace mox::load {

struct BackupOptions {
    std::filesystem::path data_dir, place;
    int accounts = 0;
    std::vector<std::string> series;  // options that make DEST a series ("--keep-last", "3"); empty: fresh folders
    std::int64_t at_least = 1;        // so many, also when the time is over before
    bool verify = true;               // look at every snapshot, and now and then at the live directory
    SteadyTime start;
};

// Runs mox-backup again and again. A second thread verifies each snapshot with contents, notes the states in it, and
// removes it when it is good. The snapshots of a series stay, and are looked at between the backups.
class Backups {
public:
    Backups(BackupOptions options, const Shared& shared);
    ~Backups();
    Backups(const Backups&) = delete;
    Backups& operator=(const Backups&) = delete;

    // Until the time is over or something is wrong; then waits for the verification of everything.
    void run(SteadyTime deadline);

    [[nodiscard]] std::int64_t count() const { return count_; }
    [[nodiscard]] std::int64_t live_verifications() const { return live_verifications_; }
    [[nodiscard]] const std::vector<Sighting>& sightings() const { return sightings_; }
    // "path: what"; the snapshots concerned are still there.
    [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }

private:
    struct Snapshot {
        std::filesystem::path path;
        std::vector<std::int64_t> committed_before;  // of every account
        std::int64_t started_us = 0, finished_us = 0;
    };
    bool back_up(Snapshot& snapshot);
    void verify(const Snapshot& snapshot);
    void verify_all();
    void verify_live();
    void verify_directory(const std::filesystem::path& directory);
    void fail(const std::string& what);
    [[nodiscard]] bool failed();

    const BackupOptions options_;
    const Shared& shared_;
    std::int64_t count_ = 0, live_verifications_ = 0;
    std::vector<Sighting> sightings_;
    std::mutex mutex_;  // guards what follows
    std::vector<std::string> failures_;
    std::deque<Snapshot> waiting_;
    bool no_more_ = false;
    std::thread thread_;
};

}  // namespace mox::load
