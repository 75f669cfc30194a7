#include "chaos/scenario/source.hpp"

#include <algorithm>
#include <utility>

#include "chaos/scenario/json_pointer.hpp"
#include "chaos/scenario/source_builder.hpp"

namespace windtunnel::chaos {

namespace {

std::vector<std::size_t> find_line_starts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') {
      starts.push_back(i + 1);
    }
  }
  return starts;
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

template <typename Map>
void erase_below(Map& map, const std::string& pointer) {
  const std::string first_child = pointer + '/';
  auto it = map.lower_bound(first_child);
  while (it != map.end() && it->first.starts_with(first_child)) {
    it = map.erase(it);
  }
}

/// The element that the next part of a pointer names, or null. Missing members of objects are made.
Json* descend(Json& container, const std::string& part) {
  if (container.is_object()) {
    return &container[part];
  }
  const bool is_index = !part.empty() && part.size() < 10 &&
                        part.find_first_not_of("0123456789") == std::string::npos;
  if (!container.is_array() || !is_index || std::stoul(part) >= container.size()) {
    return nullptr;
  }
  return &container[std::stoul(part)];
}

/// The value at a pointer, with the length of the shortest prefix that had to be made on the way
/// (npos: none).
struct MadePath {
  Json* value;
  std::size_t made_from = std::string_view::npos;
};

MadePath make_path(Json& document, std::string_view pointer) {
  MadePath path{&document};
  for (std::size_t end = 0; path.value != nullptr && end < pointer.size();) {
    const std::size_t begin = end + 1;
    end = std::min(pointer.find('/', begin), pointer.size());
    const std::string part = unescape_pointer_part(pointer.substr(begin, end - begin));
    if (path.value->is_null()) {
      *path.value = Json::object();
    }
    if (path.value->is_object() && !path.value->contains(part)) {
      path.made_from = std::min(path.made_from, end);
    }
    path.value = descend(*path.value, part);
  }
  return path;
}

}  // namespace

Source::Source(std::string file, std::string text)
    : file_(std::move(file)), text_(std::move(text)), line_starts_(find_line_starts(text_)) {
  if (const std::size_t zero = text_.find('\0'); zero != std::string::npos) {
    // The parser would take a zero byte for the end of the text and not see what follows.
    errors_.push_back({place_at(zero), "", "a zero byte", "text", ""});
    return;
  }
  SourceBuilder builder{text_, document_, offsets_};
  readable_ = Json::sax_parse(text_, &builder, Json::input_format_t::json, true, true);
  for (const SourceProblem& problem : builder.problems()) {
    errors_.push_back(
        {place_at(problem.offset), problem.pointer, problem.found, problem.expected, ""});
  }
  if (!readable_) {
    document_ = nullptr;
  }
}

Place Source::place_at(std::size_t offset) const {
  const auto next_line = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<std::uint32_t>(next_line - line_starts_.begin());
  std::uint32_t column = 1;
  for (std::size_t i = line_starts_[line - 1]; i < std::min(offset, text_.size()); ++i) {
    column += continues_character(text_[i]) ? 0U : 1U;
  }
  return {file_, line, column};
}

Place Source::find_place(std::string_view pointer, std::size_t TokenOffsets::*which) const {
  for (std::string_view at = pointer;; at = parent_pointer(at)) {
    if (const auto argument = arguments_.find(at); argument != arguments_.end()) {
      return {argument->second, 0, 0};
    }
    if (const auto offsets = offsets_.find(at); offsets != offsets_.end()) {
      return place_at(at == pointer ? offsets->second.*which : offsets->second.value);
    }
    if (at.empty()) {
      return place_at(0);
    }
  }
}

Place Source::place_of(std::string_view pointer) const {
  return find_place(pointer, &TokenOffsets::value);
}

Place Source::place_of_key(std::string_view pointer) const {
  return find_place(pointer, &TokenOffsets::key);
}

bool Source::replace(const std::string& pointer, Json value, const std::string& argument) {
  Json changed = document_;
  const MadePath path = make_path(changed, pointer);
  if (path.value == nullptr) {
    return false;
  }
  *path.value = std::move(value);
  document_ = std::move(changed);
  erase_below(offsets_, pointer);
  erase_below(arguments_, pointer);
  arguments_[pointer] = argument;
  arguments_[pointer.substr(0, path.made_from)] = argument;
  return true;
}

void Source::expand(const std::string& pointer, Json members, Origins origins) {
  document_.at(Json::json_pointer{pointer}) = std::move(members);
  origins_.merge(origins);
}

std::string Source::origin_of(std::string_view pointer) const {
  for (std::string_view at = pointer; !origins_.empty() && !at.empty(); at = parent_pointer(at)) {
    if (const auto origin = origins_.find(at); origin != origins_.end()) {
      return origin->second + std::string{pointer.substr(at.size())};
    }
  }
  return std::string{pointer};
}

Source parse_source(std::string text, std::string file) {
  return Source{std::move(file), std::move(text)};
}

}  // namespace windtunnel::chaos
