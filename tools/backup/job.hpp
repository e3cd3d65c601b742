#pragma once

#include <chrono>
#include <filesystem>

#include "cli/progress.hpp"
#include "snapshot/take.hpp"
#include "tools/backup/backup.hpp"

// What single snapshots and series of them have in common. Internal to this folder.

namespace mox::backup {

class Listener final : public snapshot::Observer {
public:
    explicit Listener(cli::Reporter& out) : out_(out), progress_(out, {.label = "storing", .unit = "messages"}) {}

    void problem(const snapshot::Problem& problem) override;
    void remark(const std::string& text) override { out_.warning(text); }
    void step(std::string_view text) override { out_.step(text); }
    void expect(std::uint64_t files) override { progress_.set_total(files); }
    void stored(std::uint64_t files, std::uint64_t bytes) override { progress_.add(files, bytes); }

private:
    cli::Reporter& out_;
    cli::Progress progress_;
};

// Without a previous snapshot.
[[nodiscard]] snapshot::TakeOptions take_options(const Options& options);

// What is done about old snapshots.
struct Pruning {
    std::int64_t kept = 0, removed = 0;
};
[[nodiscard]] cli::Record summary_of(const snapshot::Manifest& manifest, const std::filesystem::path& snapshot,
                                     const std::optional<Pruning>& pruning,
                                     std::chrono::steady_clock::time_point started);
[[nodiscard]] cli::Record dry_summary_of(const snapshot::Plan& plan, const std::filesystem::path& snapshot,
                                         const std::optional<Pruning>& pruning);

// Verifies a snapshot that has no problems so far, as the options say, and writes what came out into its manifest. Each
// problem is a finding. `previous` is the snapshot it shares files with; empty: none.
void verify(const std::filesystem::path& snapshot, snapshot::Manifest& manifest, const std::filesystem::path& previous,
            const Options& options, cli::Reporter& out);

// The exit code that belongs to a manifest.
[[nodiscard]] cli::Exit exit_of(const snapshot::Manifest& manifest);

// A snapshot in a folder of them.
[[nodiscard]] cli::Exit run_series(const Options& options, cli::Reporter& out);

}  // namespace mox::backup
