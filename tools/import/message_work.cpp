#include "tools/import/message_work.hpp"

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "junk/tokenizer.hpp"
#include "mime/scanner.hpp"

namespace mox::importing {

namespace {

// Without a file to write: what would be known of it.
void look_only(const Input& input, Output& output, std::uint64_t max_bytes) {
    thread_local Sha256 hash;
    thread_local mime::Scanner scanner;
    output.metadata = intake::convert(
        input.raw,
        [](std::span<const std::byte> bytes) {
            hash.update(bytes);
            scanner.feed(as_text(bytes));
        },
        max_bytes);
    output.file.sha256 = hash.finish();
    output.file.parsed = scanner.finish();
    output.file.size_bytes = static_cast<std::int64_t>(output.metadata.size_bytes);
}

// Labels may still change flags and mailboxes.
bool may_be_trained(const Output& output, const Work& work) {
    return !output.metadata.labels.empty() ||
           work.folders[output.folder].training(output.metadata.marks.flags) != store::Trained::no;
}

}  // namespace

Output process(Input&& input, const Work& work) {
    // Keeps its buffers from message to message.
    thread_local store::MessageWriter writer;
    thread_local std::string head;  // for training
    Output output{.id = input.id, .folder = input.folder, .order = input.raw.order};
    if (input.file.empty()) {
        look_only(input, output, work.max_message_bytes);
        return output;
    }
    try {
        head.clear();
        writer.begin(input.file, {}, work.ownership);
        output.metadata = intake::convert(
            input.raw,
            [&](std::span<const std::byte> bytes) {
                writer.write(bytes);
                if (work.training) head += as_text(bytes).substr(0, junk::max_message_bytes - head.size());
            },
            work.max_message_bytes);
        if (output.metadata.failure) {
            writer.abandon();
        } else {
            output.file = writer.finish(store::MessageWriter::Sync::later);
            output.structure = mime::encode(output.file.parsed);
            output.file.parsed.root = {};  // freed where it was made
            if (work.training && may_be_trained(output, work)) {
                thread_local junk::Tokenizer tokenizer(*work.training);
                output.words = tokenizer.read(head).keys();
            }
        }
    } catch (...) {
        writer.abandon();
        throw;
    }
    return output;
}

}  // namespace mox::importing
