#pragma once

#include <cmath>
#include <optional>

#include "cli/progress.hpp"
#include "snapshot/source.hpp"
#include "snapshot/take.hpp"
#include "tools/restore/restore.hpp"

// The three things that the command does, each with a source that is open.

namespace mox::restore {

[[nodiscard]] cli::Exit restore_whole(const Options& options, snapshot::Source& source, cli::Reporter& out);
[[nodiscard]] cli::Exit restore_messages(const Options& options, snapshot::Source& source,
                                         const std::filesystem::path& scratch, cli::Reporter& out);
[[nodiscard]] cli::Exit list(const Options& options, const snapshot::Source& source,
                             const std::filesystem::path& scratch, cli::Reporter& out);

// Tells what a restore says.
class Listener final : public snapshot::Observer {
public:
    Listener(cli::Reporter& out, std::string unit) : out_(out) {
        progress_.emplace(out, cli::Progress::Options{.label = "restoring", .unit = std::move(unit)});
    }
    // There is one line of progress at a time.
    void end_progress() { progress_.reset(); }
    void problem(const snapshot::Problem& problem) override;
    void step(std::string_view text) override { out_.step(text); }
    void expect(std::uint64_t files) override {
        if (progress_) progress_->set_total(files);
    }
    void stored(std::uint64_t files, std::uint64_t bytes) override {
        if (progress_) progress_->add(files, bytes);
    }

private:
    cli::Reporter& out_;
    std::optional<cli::Progress> progress_;
};

class Stopwatch {
public:
    [[nodiscard]] double seconds() const {
        const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
        return std::round(elapsed.count() * 1000) / 1000;
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace mox::restore
