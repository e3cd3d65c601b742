#include "model/regexp.hpp"

#include <re2/re2.h>

#include "base/encoding.hpp"

namespace mox::model {

std::string regexp_problem(std::string_view expression) {
    RE2::Options options;
    options.set_log_errors(false);
    const RE2 compiled(re2::StringPiece(expression.data(), expression.size()), options);
    return compiled.ok() ? std::string() : escaped(compiled.error());
}

}  // namespace mox::model
