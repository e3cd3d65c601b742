#include "archive/writer.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "archive/handle.hpp"
#include "base/encoding.hpp"

namespace mox::archive {

namespace {

constexpr int block_bytes = 256 * 1024;

int filetype_of(Kind kind) {
    switch (kind) {
        case Kind::folder:
            return AE_IFDIR;
        case Kind::symlink:
            return AE_IFLNK;
        default:
            return AE_IFREG;
    }
}

}  // namespace

Levels levels_of(Format format) {
    switch (format) {
        case Format::tar_gzip:
            return {.lowest = 1, .highest = 9};
        case Format::tar_zstd:
            return {.lowest = 1, .highest = 22};
        case Format::tar:
            break;
    }
    return {};
}

class Writer::State {
public:
    State(const WriteOptions& options, Sink sink)
        : sink_(std::move(sink)),
          handle_(::archive_write_new()),
          entry_(::archive_entry_new()) {
        if (!handle_ || !entry_) throw std::bad_alloc();
        ::archive* const object = handle_.get();
        check(::archive_write_set_format_pax_restricted(object));
        // libarchive fills the last block of its output, compressed or not, unless told otherwise.
        check(::archive_write_set_bytes_per_block(object, block_bytes));
        check(::archive_write_set_bytes_in_last_block(object, 1));
        set_filter(options);
        const LocaleScope locale(Names::utf8);
        check(::archive_write_open(object, this, nullptr, &State::on_write, nullptr));
    }

    // Freeing ends the archive: for nobody, when it is not finished. (Telling libarchive that it failed would leak.)
    ~State() { sink_ = nullptr; }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void add(const Member& member) {
        ::archive_entry* const entry = entry_.get();
        const LocaleScope locale(Names::utf8);
        ::archive_entry_clear(entry);
        ::archive_entry_set_pathname(entry, member.path.c_str());
        ::archive_entry_set_filetype(entry, static_cast<unsigned>(filetype_of(member.kind)));
        ::archive_entry_set_perm(entry, member.mode & 07777);
        ::archive_entry_set_uid(entry, member.user);
        ::archive_entry_set_gid(entry, member.group);
        ::archive_entry_set_mtime(entry, static_cast<time_t>(member.modified), 0);
        ::archive_entry_set_size(entry, member.kind == Kind::file ? member.size_bytes.value_or(0) : 0);
        if (member.kind == Kind::symlink) ::archive_entry_set_symlink(entry, member.link_target.c_str());
        // A warning is about a name that is not UTF-8, which is stored as it is.
        const int result = ::archive_write_header(handle_.get(), entry);
        check(result == ARCHIVE_WARN ? ARCHIVE_OK : result);
    }

    void write(std::span<const std::byte> bytes) {
        while (!bytes.empty()) {
            const la_ssize_t count = ::archive_write_data(handle_.get(), bytes.data(), bytes.size());
            if (count < 0 || failure_) fail();
            if (count == 0) throw Error(Errc::failed, "more contents than announced");
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
    }

    void finish() { check(::archive_write_close(handle_.get())); }

private:
    void set_filter(const WriteOptions& options) {
        ::archive* const object = handle_.get();
        const auto set = [&](const char* name, long value) {
            check(::archive_write_set_filter_option(object, nullptr, name, std::to_string(value).c_str()));
        };
        switch (options.format) {
            case Format::tar:
                check(::archive_write_add_filter_none(object));
                return;
            case Format::tar_gzip:
                check(::archive_write_add_filter_gzip(object));
                check(::archive_write_set_filter_option(object, "gzip", "timestamp", nullptr));
                break;
            case Format::tar_zstd:
                check(::archive_write_add_filter_zstd(object));
                if (options.threads > 1) set("threads", options.threads);
                break;
        }
        if (options.level) set("compression-level", *options.level);
    }

    // Never refuses: libarchive leaks its buffers then. What the sink throws leaves with the call of ours that is
    // under way, and nothing more is passed on.
    static la_ssize_t on_write(::archive* /*object*/, void* self, const void* bytes, std::size_t size) {
        auto& state = *static_cast<State*>(self);
        try {
            if (state.sink_ && !state.failure_) state.sink_({static_cast<const std::byte*>(bytes), size});
        } catch (...) {
            state.failure_ = std::current_exception();
        }
        return static_cast<la_ssize_t>(size);
    }

    void check(int result) {
        if (result != ARCHIVE_OK || failure_) fail();
    }
    [[noreturn]] void fail() {
        if (failure_) std::rethrow_exception(failure_);
        Error error = failure_of(handle_.get(), Errc::failed);
        error.add_context("write archive");
        throw error;
    }

    Sink sink_;
    std::exception_ptr failure_;  // of the sink
    WriteHandle handle_;
    EntryHandle entry_;
};

Writer::Writer(const WriteOptions& options, Sink sink) : state_(std::make_unique<State>(options, std::move(sink))) {}
Writer::~Writer() = default;

void Writer::add(const Member& member) {
    state_->add(member);
}

void Writer::write(std::span<const std::byte> bytes) {
    state_->write(bytes);
}

void Writer::finish() {
    state_->finish();
}

}  // namespace mox::archive
