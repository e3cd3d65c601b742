#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <memory>
#include <string_view>

#include "base/error.hpp"

// libarchive's objects. Internal to this folder.

namespace mox::archive {

struct FreeReader {
    void operator()(::archive* object) const { ::archive_read_free(object); }
};
struct FreeWriter {
    void operator()(::archive* object) const { ::archive_write_free(object); }
};
struct FreeEntry {
    void operator()(::archive_entry* entry) const { ::archive_entry_free(entry); }
};
using ReadHandle = std::unique_ptr<::archive, FreeReader>;
using WriteHandle = std::unique_ptr<::archive, FreeWriter>;
using EntryHandle = std::unique_ptr<::archive_entry, FreeEntry>;

// libarchive converts names between the archive's charset and that of the thread's locale, and normalises UTF-8 on the
// way. In "C" the bytes stay as they are; "C.UTF-8" is for formats whose names are not bytes.
enum class Names { bytes, utf8 };

// The locale of one call.
class LocaleScope {
public:
    explicit LocaleScope(Names names);
    ~LocaleScope() { ::uselocale(previous_); }
    LocaleScope(const LocaleScope&) = delete;
    LocaleScope& operator=(const LocaleScope&) = delete;

private:
    locale_t previous_;
};

// The last failure of `object` without a name in front.
[[nodiscard]] Error failure_of(::archive* object, Errc code);

}  // namespace mox::archive
