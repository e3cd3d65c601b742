#include "base/encoding.hpp"
#include "server/imap/commands.hpp"

namespace mox::imap {

// RFC 4978. What follows the command, and the answer to it, is compressed; its own answer is not.
void cmd_compress(Session& session, Parser& parser) {
    parser.space();
    if (!equal_ignoring_case(parser.atom(), "DEFLATE")) throw bad("unknown mechanism");
    parser.end();
    if (session.is_compressed()) throw no("compression is active already", "COMPRESSIONACTIVE");
    session.ok();
    session.start_compression();
}

}  // namespace mox::imap
