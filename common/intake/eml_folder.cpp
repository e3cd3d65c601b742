#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/interrupt.hpp"
#include "intake/maildir_name.hpp"
#include "intake/regular_file.hpp"
#include "intake/source.hpp"

namespace mox::intake {

namespace {

class EmlFolder final : public MessageFolder {
public:
    explicit EmlFolder(const std::filesystem::path& path)
        : path_(path),
          fd_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        if (!fd_) throw system_error(errno, "open folder", path.native());
    }
    Opened open(const FileBody& file) override { return open_regular_file(fd_.get(), file.name, shown(file.name)); }
    std::string shown(const std::string& name) const { return escaped((path_ / name).native()); }

private:
    std::filesystem::path path_;
    UniqueFd fd_;
};

class EmlSource final : public MessageSource {
public:
    EmlSource(const std::filesystem::path& path, std::string name)
        : folder_(std::make_shared<EmlFolder>(path)),
          names_{std::move(name)} {}
    explicit EmlSource(const std::filesystem::path& path) : folder_(std::make_shared<EmlFolder>(path)) {
        for_each_entry(path, [&](const DirectoryEntry& entry) {
            check_interrupt();
            if (entry.type != DT_DIR && is_eml_name(entry.name)) names_.push_back(entry.name);
        });
        std::sort(names_.begin(), names_.end(), maildir_order);
    }
    std::optional<RawMessage> next() override {
        check_interrupt();
        if (at_ == names_.size()) return std::nullopt;
        std::string& name = names_[at_++];
        RawMessage message{.origin = folder_->shown(name)};
        message.body = FileBody{folder_, {}, std::move(name)};
        return message;
    }
    Progress progress() const override { return {.messages = at_, .total_messages = names_.size()}; }

private:
    std::shared_ptr<EmlFolder> folder_;
    std::vector<std::string> names_;
    std::size_t at_ = 0;
};

}  // namespace

bool is_eml_name(std::string_view name) {
    constexpr std::string_view extension = ".eml";
    return name.size() > extension.size() && !name.starts_with("._") &&
           equal_ignoring_case(name.substr(name.size() - extension.size()), extension);
}

std::unique_ptr<MessageSource> open_eml_folder(const std::filesystem::path& path) {
    return std::make_unique<EmlSource>(path);
}

std::unique_ptr<MessageSource> open_eml_file(const std::filesystem::path& path) {
    return std::make_unique<EmlSource>(path.has_parent_path() ? path.parent_path() : ".", path.filename().native());
}

}  // namespace mox::intake
