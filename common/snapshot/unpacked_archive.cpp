#include "snapshot/unpacked_archive.hpp"

#include "archive/reader.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/interrupt.hpp"
#include "datadir/layout.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

class UnpackedArchive final : public Source {
public:
    UnpackedArchive(fs::path path, const fs::path& scratch)
        : path_(std::move(path)),
          unpacked_(scratch, "archive-"),
          data_(unpacked_.path() / "data") {
        auto reader = archive::open_archive(path_);
        contents_ = read_archive(reader, path_.native(), unpacked_.path(), Unpack::everything);
        if (!contents_.deviations.empty()) {
            const auto& [place, detail] = contents_.deviations.front();
            throw Error(Errc::corrupt,
                        (place.empty() ? "" : quote(path_.native()) + ": " + quote(place) + ": ") + detail,
                        "mox-verifydata tells all that is wrong with it");
        }
        if (directory_exists(unpacked_.path() / "config")) config_ = unpacked_.path() / "config";
    }

    const fs::path& path() const override { return path_; }
    const Manifest* manifest() const override { return &*contents_.manifest; }
    const fs::path& data() const override { return data_; }
    const fs::path& config() const override { return config_; }
    bool has_message_files() const override { return false; }
    const ArchiveContents* archive() const override { return &contents_; }
    void check_manifest(const DeviationSink& sink) const override { check_archive(contents_, unpacked_.path(), sink); }

    void read_messages(const Wanted& wanted, const Visit& visit) override {
        std::size_t left = 0;
        for_each_wanted(wanted, [&] { ++left; });
        if (left == 0) return;
        auto reader = archive::open_archive(path_);
        std::vector<std::byte> buffer(256 * 1024);
        while (left > 0) {
            check_interrupt();
            const auto member = reader.next();
            if (!member) throw Error(Errc::corrupt, quote(path_.native()) + " changed since it was opened");
            if (member->kind != archive::Kind::file || !member->path.starts_with("data/")) continue;
            const std::string_view place = std::string_view(member->path).substr(5);
            if (!message_place(place) || !wanted(place)) continue;
            --left;
            const auto read = [&](const std::function<void(std::span<const std::byte>)>& sink) {
                while (const std::size_t count = reader.read(buffer)) sink(std::span(buffer).first(count));
            };
            if (!visit({.path = place, .size_bytes = member->size_bytes.value_or(0), .read = read})) return;
        }
    }

private:
    template <class Count>
    void for_each_wanted(const Wanted& wanted, Count&& count) const {
        for (const auto& [folder, messages] : contents_.messages)
            for (const auto& message : messages)
                if (wanted(folder + "/" + datadir::message_path(message.id))) count();
    }

    fs::path path_;
    TemporaryDirectory unpacked_;
    fs::path data_, config_;
    ArchiveContents contents_;
};

}  // namespace

std::unique_ptr<Source> open_archive(const fs::path& path, const fs::path& scratch) {
    return std::make_unique<UnpackedArchive>(path, scratch);
}

}  // namespace mox::snapshot
