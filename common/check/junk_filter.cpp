#include "check/junk_filter.hpp"

#include "check/opened.hpp"
#include "junk/filter_db.hpp"

namespace mox::check {

void check_junk_filter(Scope& scope, const std::string& account) {
    const auto path = scope.run().layout.junk_filter_db(account);
    // Its own turn: what happens to the filter meanwhile must not repeat the look at the account.
    const auto opened = OpenedDatabase::open(scope, path, junk::filter_schema(), IfMissing::fine);
    if (opened) scope.run().pool.run(opened->format_tasks(scope, junk::filter_schema()));
}

}  // namespace mox::check
