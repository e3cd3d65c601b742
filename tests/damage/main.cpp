// mox_damage: damages a snapshot in every way, at random places, and counts what verification finds; or makes random
// directories, in which it must find nothing. bench/damage.sh runs it.

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "base/error.hpp"
#include "cli/command_line.hpp"
#include "kinds.hpp"
#include "random_directory.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

struct Options {
    fs::path snapshot, older;
    int places = 40, clean = 0;
    std::uint64_t seed = 1;
    std::string only;
};

std::string percent(std::size_t part, std::size_t all) {
    return all == 0 ? "–" : fmt::format("{:.0f} %", 100.0 * static_cast<double>(part) / static_cast<double>(all));
}

class Counting {
public:
    explicit Counting(const Options& options)
        : options_(options),
          scratch_(fs::temp_directory_path(), "mox-damage-"),
          subject_(options.snapshot, scratch_.path() / "work"),
          clean_default_(median(check::Contents::sizes)),
          clean_contents_(median(check::Contents::hashes)) {}

    // The number of kinds that were missed somewhere.
    int run() {
        int bad = 0;
        if (!subject_.verify(check::Contents::hashes).found.empty()) {
            std::cerr << "the undamaged copy has findings\n";
            return 1;
        }
        std::cout << "| damage | places | found by default | with --read-data | right place | holds nothing |\n"
                     "|---|---|---|---|---|---|\n";
        for (const auto& kind : all_kinds(subject_, options_.older))
            if ((kind.group + ": " + kind.name).find(options_.only) != std::string::npos && !count(kind)) ++bad;
        std::cout << fmt::format(
            "\nclean: {:.3f} s, with contents {:.3f} s; slowest damaged: {:.2f} and {:.2f} times\n", clean_default_,
            clean_contents_, slowest_default_, slowest_contents_);
        return bad;
    }

private:
    double median(check::Contents contents) {
        std::vector<double> seconds;
        for (int i = 0; i < 5; ++i) seconds.push_back(subject_.verify(contents).seconds);
        std::ranges::sort(seconds);
        return seconds[2];
    }

    bool count(const Kind& kind) {
        SeededRandom random(options_.seed);
        std::size_t tried = 0, by_default = 0, with_contents = 0, right = 0, harmless = 0, exempt = 0, missed = 0;
        for (int i = 0; i < options_.places; ++i) {
            const auto outcome = try_one(subject_, kind, random);
            if (!outcome) continue;
            ++tried;
            by_default += outcome->by_default;
            with_contents += outcome->with_contents;
            right += outcome->at_right_place;
            harmless += outcome->is_harmless;
            exempt += !outcome->with_contents && !outcome->is_harmless && outcome->fault.is_exempt;
            // A snapshot's manifest is looked at besides.
            if (kind.as == Subject::As::data_directory) {
                slowest_default_ = std::max(slowest_default_, outcome->default_seconds / clean_default_);
                slowest_contents_ = std::max(slowest_contents_, outcome->contents_seconds / clean_contents_);
                if (outcome->default_seconds > 2 * clean_default_ || outcome->contents_seconds > 2 * clean_contents_)
                    std::cerr << fmt::format("slow: {} {}: {}: {:.2f} {:.2f}\n", kind.group, kind.name,
                                             outcome->fault.what, outcome->default_seconds / clean_default_,
                                             outcome->contents_seconds / clean_contents_);
            }
            if (outcome->is_missed() || (outcome->with_contents && !outcome->at_right_place)) {
                ++missed;
                std::cerr << fmt::format("missed: {} {}: {}\n", kind.group, kind.name, outcome->fault.what);
                for (const auto& [path, check] : outcome->found) std::cerr << "    " << path << " " << check << "\n";
            }
        }
        const auto real = tried - harmless - exempt;
        std::cout << fmt::format("| {}: {} | {} | {} | {} | {} | {} |{}\n", kind.group, kind.name, tried,
                                 percent(by_default, real), percent(with_contents, real), percent(right, with_contents),
                                 harmless, exempt > 0 ? fmt::format(" {} exempt", exempt) : "")
                  << std::flush;
        return missed == 0;
    }

    Options options_;
    TemporaryDirectory scratch_;
    Subject subject_;
    double clean_default_, clean_contents_;
    double slowest_default_ = 0, slowest_contents_ = 0;
};

int count_false_alarms(const Options& options) {
    int alarms = 0;
    for (int i = 0; i < options.clean; ++i) {
        const TemporaryDirectory scratch(fs::temp_directory_path(), "mox-clean-");
        const auto layout =
            make_random_directory(scratch.path() / "data", options.seed + static_cast<std::uint64_t>(i));
        bool is_clean = true;
        for (const auto contents : {check::Contents::sizes, check::Contents::hashes})
            (void)check::verify(layout, {.contents = contents, .jobs = 2}, [&](const check::Finding& finding) {
                is_clean = false;
                std::cerr << fmt::format("seed {}: {}: {} [{}]\n", options.seed + static_cast<std::uint64_t>(i),
                                         finding.path, finding.detail, finding.check);
            });
        alarms += !is_clean;
    }
    std::cout << fmt::format("{} random directories, {} with findings\n", options.clean, alarms);
    return alarms;
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    cli::CommandLine app("Counts what verification finds of damage.", "mox_damage");
    app.add_option("SNAPSHOT", options.snapshot, "Snapshot, of which a copy is damaged.");
    app.add_option("--older", options.older, "Folder with older copies of its databases.");
    app.add_option("--places", options.places, "Random places for each kind of damage.").default_text();
    app.add_option("--seed", options.seed, "Seed.").default_text();
    app.add_option("--only", options.only, "Kinds whose name has this text.");
    app.add_option("--clean", options.clean, "Instead: so many random directories without damage.");
    if (const auto error = app.parse({argv + 1, argv + argc})) {
        std::cerr << "mox_damage: " << error->what() << "\n";
        return 2;
    }
    try {
        if (options.clean > 0) return count_false_alarms(options) == 0 ? 0 : 1;
        return Counting(options).run() == 0 ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 2;
    }
}
