#include "check/junk_filter.hpp"

#include "check/opened.hpp"
#include "junk/filter_db.hpp"

namespace mox::check {

bool check_junk_filter(Scope& scope, const std::string& account) {
    const auto path = scope.run().layout.junk_filter_db(account);
    const auto opened = OpenedDatabase::open(scope, path, junk::filter_schema(), IfMissing::fine);
    if (!opened) return true;
    scope.run().pool.run(opened->format_tasks(scope, junk::filter_schema()));
    return !opened->changed_meanwhile();
}

}  // namespace mox::check
