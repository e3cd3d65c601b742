#include <algorithm>

#include "server/imap/commands.hpp"
#include "server/imap/writer.hpp"

namespace mox::imap {

namespace {

// RFC 10022 section 3.1: less is refused, so that nobody makes message numbers of UIDs again; that much must be given.
constexpr std::uint64_t min_batch = 500;
constexpr std::uint64_t max_messages = 100'000;  // of the batches asked for one by one

struct Batches {
    std::uint64_t size = 0;                      // messages in each
    std::uint64_t first = 1, last = UINT64_MAX;  // those to be told, from 1 on
};

Batches parse_batches(Parser& in) {
    Batches batches;
    in.space();
    batches.size = in.cursor().expect_number(0xffffffff);
    if (in.take(' ')) {
        batches.first = in.cursor().expect_number(0xffffffff);
        in.expect(':');
        batches.last = in.cursor().expect_number(0xffffffff);
        if (batches.first == 0) in.fail("expected a number above 0");
        if (batches.last < batches.first) in.fail("batches are counted upwards");
    }
    in.end();
    return batches;
}

// From the newest message to the oldest, high:low; together they leave no UID out.
void tell_batches(Session& session, const Batches& batches) {
    const Selected& view = session.selected();
    std::string& out = session.output();
    Writer to(out, Texts::ascii);
    to.raw("* UIDBATCHES (TAG ");
    to.string(session.tag());
    to.raw(')');
    for (std::uint64_t batch = batches.first - 1; batch < batches.last; ++batch) {
        const std::uint64_t newer = batch * batches.size;  // messages in batches before
        if (newer >= view.size()) break;
        const std::size_t newest = view.size() - 1 - newer;
        to.raw(batch == batches.first - 1 ? ' ' : ',');
        to.number(batch == 0 ? view.largest_uid() : number(view.uid(newest + 1)) - 1);
        to.raw(':');
        to.number(newest + 1 > batches.size ? number(view.uid(newest + 1 - batches.size)) : 1);
    }
    to.raw("\r\n");
}

}  // namespace

// RFC 10022.
void cmd_uidbatches(Session& session, Parser& parser) {
    const Batches batches = parse_batches(parser);
    if (batches.size < min_batch) throw no("batches have 500 messages at least", "TOOFEW");
    if (batches.last != UINT64_MAX && (batches.last - batches.first + 1) * batches.size > max_messages)
        throw no("batches of 100000 messages together at most", "TOOMANY");
    session.on_account_once([&session, batches](store::Account&) {
        tell_batches(session, batches);
        session.ok();
    });
}

}  // namespace mox::imap
