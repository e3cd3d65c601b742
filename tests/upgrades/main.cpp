// mox_contents: what scripts/test-upgrades.sh asks of a data directory.
//
//   mox_contents show DIR                what it holds, as lines of JSON; upgrades its databases
//   mox_contents compare EXPECTED DIR    fails, and says so, when it holds anything else than these lines
//   mox_contents is-older DIR            succeeds when a database of it is older than this program; changes nothing

#include <fstream>
#include <iostream>

#include "base/error.hpp"
#include "contents.hpp"

using namespace mox;

namespace {

std::vector<std::string> lines_of(const std::string& file) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error("cannot read " + file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

int run(const std::vector<std::string>& words) {
    if (words.size() == 2 && words[0] == "show") {
        for (const auto& line : test::contents_of(datadir::open(words[1]))) std::cout << line << "\n";
        return 0;
    }
    if (words.size() == 3 && words[0] == "compare") {
        const auto found = test::differences(lines_of(words[1]), test::contents_of(datadir::open(words[2])));
        for (const auto& line : found) std::cout << line << "\n";
        return found.empty() ? 0 : 1;
    }
    if (words.size() == 2 && words[0] == "is-older") {
        const auto newest = test::newest_versions();
        for (const auto& version : test::versions_of(datadir::open(words[1])))
            if (std::find(newest.begin(), newest.end(), version) == newest.end()) return 0;
        return 1;
    }
    std::cerr << "usage: mox_contents show DIR | compare EXPECTED DIR | is-older DIR\n";
    return 2;
}

}  // namespace

int main(int argc, char** argv) try { return run({argv + 1, argv + argc}); } catch (const std::exception& error) {
    std::cerr << "mox_contents: " << error.what() << "\n";
    return 2;
}
