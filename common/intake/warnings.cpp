#include <utility>

#include "intake/source.hpp"

namespace mox::intake {

void Warnings::add(std::string text) {
    constexpr std::size_t most_kept = 100;
    if (texts.size() < most_kept) texts.push_back(std::move(text));
    ++count;
}

}  // namespace mox::intake
