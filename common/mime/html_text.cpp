#include "mime/html_text.hpp"

#include <gumbo.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdlib>
#include <memory>

#include "base/encoding.hpp"
#include "mime/html_runs.hpp"

namespace mox::mime {

namespace {

// Memory of one parse, given back as a whole: gumbo's own clean-up recurses as deep as the page is nested. gumbo does
// not check for failed allocations, so a page that wants too much is left by a jump over its C frames.
class Arena {
public:
    void start() {
        used_ = 0;
        block_ = 0;
        total_ = 0;
    }
    void* take(std::size_t size) {
        size = (size + 15) & ~std::size_t{15};
        total_ += size;
        if (total_ > max_html_memory_bytes) std::longjmp(full, 1);
        if (size > block_bytes / 4) return large(size);
        if (block_ == 0 || used_ + size > block_bytes) next_block();
        void* const memory = blocks_[block_ - 1].get() + used_;
        used_ += size;
        return memory;
    }
    // Keeps one block for the next page.
    void finish() {
        large_.clear();
        if (blocks_.size() > 8) blocks_.resize(8);
    }

    std::jmp_buf full;

private:
    static constexpr std::size_t block_bytes = 256U << 10U;

    void* large(std::size_t size) {
        large_.push_back(std::make_unique_for_overwrite<char[]>(size));  // NOLINT: bytes for C
        return large_.back().get();
    }
    void next_block() {
        if (block_ == blocks_.size()) blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_bytes));  // NOLINT
        ++block_;
        used_ = 0;
    }

    std::vector<std::unique_ptr<char[]>> blocks_, large_;  // NOLINT
    std::size_t block_ = 0, used_ = 0, total_ = 0;
};

void* take_memory(void* arena, std::size_t size) {
    return static_cast<Arena*>(arena)->take(size);
}
void give_back(void* /*arena*/, void* /*memory*/) {}

// gumbo looks at all open elements for each tag, and at all attributes for each attribute.
bool is_reasonable(std::string_view html) {
    std::size_t tags = 0;
    for (std::size_t at = 0; (at = html.find('<', at)) != std::string_view::npos; ++at) {
        if (!starts_tag(html, at)) continue;
        std::size_t attributes = 0;
        (void)tag_end(html, at, attributes);
        if (++tags > max_html_tags || attributes > max_html_attributes) return false;
    }
    return true;
}

HtmlText without_tags(std::string_view html) {
    HtmlText result;
    result.parsed = false;
    for (std::size_t at = 0; at < html.size();) {
        if (!starts_tag(html, at)) {
            result.text += html[at++];
            continue;
        }
        std::size_t attributes = 0;
        at = tag_end(html, at, attributes);
        result.text += ' ';
    }
    return result;
}

bool separates_words(GumboTag tag) {
    switch (tag) {
        case GUMBO_TAG_A:
        case GUMBO_TAG_ABBR:
        case GUMBO_TAG_ACRONYM:
        case GUMBO_TAG_B:
        case GUMBO_TAG_BIG:
        case GUMBO_TAG_CODE:
        case GUMBO_TAG_EM:
        case GUMBO_TAG_FONT:
        case GUMBO_TAG_I:
        case GUMBO_TAG_S:
        case GUMBO_TAG_SMALL:
        case GUMBO_TAG_SPAN:
        case GUMBO_TAG_STRIKE:
        case GUMBO_TAG_STRONG:
        case GUMBO_TAG_SUB:
        case GUMBO_TAG_SUP:
        case GUMBO_TAG_TT:
        case GUMBO_TAG_U:
        case GUMBO_TAG_WBR:
            return false;
        default:
            return true;
    }
}

bool has_no_text(GumboTag tag) {
    return tag == GUMBO_TAG_SCRIPT || tag == GUMBO_TAG_STYLE || tag == GUMBO_TAG_SVG || tag == GUMBO_TAG_TEMPLATE ||
           tag == GUMBO_TAG_NOFRAMES;
}

constexpr std::array link_attributes{"href", "src", "action", "background"};

// The reader below looks at these, and "type" changes how a page is parsed.
HtmlRuns::Use use_of(std::string_view attribute) {
    const auto is = [&](std::string_view name) { return equal_ignoring_case(attribute, name); };
    if (std::any_of(link_attributes.begin(), link_attributes.end(), is) || is("alt")) return HtmlRuns::Use::text;
    constexpr std::array<std::string_view, 5> values{"bgcolor", "text", "color", "style", "type"};
    return std::any_of(values.begin(), values.end(), is) ? HtmlRuns::Use::value : HtmlRuns::Use::none;
}

// "#FFF" and "white" as "ffffff"; other names as they are, lower case.
std::string color_of(std::string_view value) {
    std::string color = ascii_lower(trimmed(value.substr(0, 64)));
    if (color.starts_with('#')) color.erase(0, 1);
    if (color == "white") return "ffffff";
    if (color == "black") return "000000";
    if (color.size() == 3 && color.find_first_not_of("0123456789abcdef") == std::string::npos)
        return {color[0], color[0], color[1], color[1], color[2], color[2]};
    return color;
}

// The value of a property in a style attribute (lower case, without blanks); empty without it.
std::string_view style_value(std::string_view style, std::string_view property) {
    for (std::size_t at = 0; (at = style.find(property, at)) != std::string_view::npos; at += property.size()) {
        if (at > 0 && style[at - 1] != ';') continue;
        std::string_view rest = style.substr(at + property.size());
        if (!rest.starts_with(':')) continue;
        rest.remove_prefix(1);
        return rest.substr(0, rest.find(';'));
    }
    return {};
}

struct Look {
    std::string color = "000000", background = "ffffff";
    bool gone = false;  // not displayed, or of no size

    [[nodiscard]] bool hidden() const { return gone || color == background; }
};

class Reader {
public:
    Reader(HtmlText& result, HtmlRuns& runs) : result_(result), runs_(runs) {}

    // Without recursion: pages may be nested 20,000 deep.
    void read(const GumboNode& root) {
        const GumboNode* node = &root;
        looks_.push_back({});
        while (node != nullptr) {
            const GumboNode* child = enter(*node);
            if (child != nullptr) {
                node = child;
                continue;
            }
            node = next_after(*node, root);
        }
        for (auto* const text : {&result_.text, &result_.hidden})
            while (text->ends_with(' ')) text->pop_back();
    }

private:
    static const GumboVector* children_of(const GumboNode& node) {
        if (node.type == GUMBO_NODE_DOCUMENT) return &node.v.document.children;
        if (node.type == GUMBO_NODE_ELEMENT || node.type == GUMBO_NODE_TEMPLATE) return &node.v.element.children;
        return nullptr;
    }

    // The first child to visit, if there is one.
    const GumboNode* enter(const GumboNode& node) {
        if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE || node.type == GUMBO_NODE_CDATA) {
            add_text(node.v.text.text);
            return nullptr;
        }
        const GumboVector* const children = children_of(node);
        if (children == nullptr) return nullptr;
        if (node.type == GUMBO_NODE_ELEMENT || node.type == GUMBO_NODE_TEMPLATE) {
            read_element(node.v.element, is_copy(node));
            if (has_no_text(node.v.element.tag)) return nullptr;
        }
        if (children->length == 0) return nullptr;
        looks_.push_back(look_);
        return static_cast<const GumboNode*>(children->data[0]);
    }

    const GumboNode* next_after(const GumboNode& start, const GumboNode& root) {
        const GumboNode* node = &start;
        while (node != &root) {
            leave(*node);
            const GumboNode* const parent = node->parent;
            if (parent == nullptr) return nullptr;
            const GumboVector* const siblings = children_of(*parent);
            const std::size_t next = node->index_within_parent + 1;
            if (siblings != nullptr && next < siblings->length) {
                look_ = looks_.back();
                return static_cast<const GumboNode*>(siblings->data[next]);
            }
            look_ = looks_.back();
            looks_.pop_back();
            node = parent;
        }
        return nullptr;
    }

    void leave(const GumboNode& node) {
        if (node.type == GUMBO_NODE_ELEMENT && separates_words(node.v.element.tag)) separate();
    }
    void separate() {
        if (!result_.text.empty() && !is_html_blank(result_.text.back())) result_.text += ' ';
        if (!result_.hidden.empty() && !is_html_blank(result_.hidden.back())) result_.hidden += ' ';
    }
    // A blank that nobody sees separates what people see all the same.
    void add_text(std::string_view text) {
        if (text.empty()) return;
        if (is_html_blank(text.front())) separate();
        while (!text.empty() && is_html_blank(text.front())) text.remove_prefix(1);
        if (text.empty()) return;
        runs_.restore(text, look_.hidden() ? result_.hidden : result_.text);
        if (is_html_blank(text.back())) separate();
    }

    // The parser opens elements again that were closed in the wrong order.
    static bool is_copy(const GumboNode& node) {
        return (node.parse_flags &
                (GUMBO_INSERTION_ADOPTION_AGENCY_CLONED | GUMBO_INSERTION_RECONSTRUCTED_FORMATTING_ELEMENT)) != 0;
    }

    void read_element(const GumboElement& element, bool is_copy) {
        if (separates_words(element.tag)) separate();
        read_look(element);
        for (const char* name : link_attributes) {
            const std::string_view target = attribute(element, name);
            if (!target.empty() && !is_copy) read_link(target);
        }
        if (element.tag == GUMBO_TAG_IMG || element.tag == GUMBO_TAG_AREA) {
            add_text(attribute(element, "alt"));
            separate();
        }
    }

    void read_link(std::string_view target) {
        constexpr std::size_t longest = 2'000;
        std::string& link = result_.links.emplace_back();
        runs_.restore(target.substr(0, longest), link);
        if (link.size() > longest) link.resize(longest);
    }

    static std::string_view attribute(const GumboElement& element, const char* name) {
        const GumboAttribute* const found = gumbo_get_attribute(&element.attributes, name);
        return found == nullptr ? std::string_view() : std::string_view(found->value);
    }

    void read_look(const GumboElement& element) {
        std::string style = ascii_lower(attribute(element, "style").substr(0, 2'000));
        std::erase_if(style, is_html_blank);
        for (const std::string_view value :
             {attribute(element, "bgcolor"), style_value(style, "background-color"), style_value(style, "background")})
            if (!value.empty()) look_.background = color_of(value);
        for (const std::string_view value :
             {element.tag == GUMBO_TAG_BODY ? attribute(element, "text") : attribute(element, "color"),
              style_value(style, "color")})
            if (!value.empty()) look_.color = color_of(value);
        const std::string_view size = style_value(style, "font-size");
        if (style_value(style, "display") == "none" || style_value(style, "visibility") == "hidden" || size == "0" ||
            size == "0px" || size == "1px" || size == "0pt" || size == "1pt" || element.tag == GUMBO_TAG_TITLE ||
            element.tag == GUMBO_TAG_NOSCRIPT)
            look_.gone = true;
    }

    HtmlText& result_;
    HtmlRuns& runs_;
    Look look_;
    std::vector<Look> looks_;  // of the elements around
};

// Null when the page wants too much memory. Only C frames lie between here and the jump.
const GumboOutput* parse(Arena& arena, std::string_view html) {
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = take_memory;
    options.deallocator = give_back;
    options.userdata = &arena;
    options.max_errors = 0;
    arena.start();
    if (setjmp(arena.full) != 0) return nullptr;  // NOLINT: C++ cannot throw through gumbo
    return gumbo_parse_with_options(&options, html.data(), html.size());
}

}  // namespace

HtmlText read_html(std::string_view html) {
    html = html.substr(0, max_html_bytes);
    if (!is_reasonable(html)) return without_tags(html);
    thread_local Arena arena;
    HtmlRuns runs;
    const std::string shortened = runs.shorten(html, use_of);
    const GumboOutput* const page = parse(arena, shortened);
    if (page == nullptr) {
        arena.finish();
        return without_tags(html);
    }
    HtmlText result;
    Reader(result, runs).read(*page->document);
    arena.finish();
    return result;
}

}  // namespace mox::mime
