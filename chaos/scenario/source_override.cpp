#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/json_pointer.hpp"
#include "chaos/scenario/nearest_name.hpp"
#include "chaos/scenario/source.hpp"

namespace windtunnel::chaos {

namespace {

/// Where a dotted path or pointer has led so far.
struct Path {
  const Json* value;  ///< Null once the path has left what the document holds.
  std::string pointer;
};

std::optional<std::size_t> index_of(std::string_view part) {
  if (part.empty() || part.size() > 9 ||
      part.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return std::stoul(std::string{part});
}

std::vector<std::string> ids_in(const Json& array) {
  std::vector<std::string> ids;
  for (const Json& element : array) {
    const auto id = element.is_object() ? element.find("id") : element.end();
    ids.push_back(element.is_object() && id != element.end() && id->is_string()
                      ? id->get<std::string>()
                      : std::string{});
  }
  return ids;
}

std::optional<std::size_t> find_element(const Json& array, std::string_view part) {
  const std::vector<std::string> ids = ids_in(array);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i].empty() && ids[i] == part) {
      return i;
    }
  }
  const std::optional<std::size_t> index = index_of(part);
  return index && *index < array.size() ? index : std::nullopt;
}

InputError lost(const std::string& argument, const Path& path, const std::string& part) {
  if (path.value->is_array()) {
    return {{argument, 0, 0},
            path.pointer,
            fmt::format("no element {}", Json(part).dump()),
            fmt::format("an index below {} or an id", path.value->size()),
            nearest_name(part, ids_in(*path.value))};
  }
  return {{argument, 0, 0},
          path.pointer,
          fmt::format("{} inside a plain value", Json(part).dump()),
          "a path that leads through objects and arrays",
          ""};
}

/// Follows one part; false where it leads nowhere.
bool follow(Path& path, std::string_view part) {
  if (path.value == nullptr || path.value->is_null()) {
    path = {nullptr, pointer_to(path.pointer, part)};
    return true;
  }
  if (path.value->is_object()) {
    const auto member = path.value->find(std::string{part});
    path = {member == path.value->end() ? nullptr : &*member, pointer_to(path.pointer, part)};
    return true;
  }
  const auto index =
      path.value->is_array() ? find_element(*path.value, part) : std::optional<std::size_t>{};
  if (index) {
    path = {&(*path.value)[*index], pointer_to(path.pointer, *index)};
  }
  return index.has_value();
}

/// The first part of a dotted path. Keys may hold dots themselves ("web-{1..30}"): the longest that
/// exists wins.
std::string_view first_part(const Json* value, std::string_view dotted) {
  std::string_view part = dotted.substr(0, dotted.find('.'));
  if (value == nullptr || !value->is_object()) {
    return part;
  }
  for (const auto& [key, member] : value->items()) {
    const bool fits =
        dotted.starts_with(key) && (dotted.size() == key.size() || dotted[key.size()] == '.');
    part = fits && key.size() > part.size() ? dotted.substr(0, key.size()) : part;
  }
  return part;
}

std::optional<InputError> follow_all(Path& path, std::string_view text,
                                     const std::string& argument) {
  const bool is_pointer = text.starts_with('/');
  std::string_view rest = text.substr(is_pointer ? 1 : 0);
  for (bool more = true; more;) {
    const std::string_view part =
        is_pointer ? rest.substr(0, rest.find('/')) : first_part(path.value, rest);
    const std::string name = is_pointer ? unescape_pointer_part(part) : std::string{part};
    if (!follow(path, name)) {
      return lost(argument, path, name);
    }
    more = rest.size() > part.size();
    rest.remove_prefix(part.size() + (more ? 1 : 0));
  }
  return std::nullopt;
}

Json value_of(const std::string& text) {
  const Source parsed = parse_source(text, "");
  return parsed.is_readable() && parsed.errors().empty() ? parsed.document() : Json(text);
}

bool is_utf8(const std::string& text) {
  try {
    return !Json(text).dump().empty();
  } catch (const Json::type_error&) {
    return false;
  }
}

}  // namespace

void apply_override(Source& source, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const bool well_formed = is_utf8(std::string{assignment});
  const std::string argument =
      well_formed ? fmt::format("--set {}", assignment) : std::string{"--set"};
  const std::string_view path_text = assignment.substr(0, equals);
  if (!source.is_readable()) {
    return;
  }
  if (equals == std::string_view::npos || path_text.empty() || path_text == "/" || !well_formed) {
    source.add_error({{argument, 0, 0},
                      "",
                      equals == std::string_view::npos ? "no '='" : "no path",
                      "PATH=VALUE, as in control_plane.raft.tick=50ms, in UTF-8",
                      ""});
    return;
  }
  Path path{&source.document(), ""};
  if (std::optional<InputError> error = follow_all(path, path_text, argument)) {
    source.add_error(std::move(*error));
    return;
  }
  const std::size_t depth =
      static_cast<std::size_t>(std::count(path.pointer.begin(), path.pointer.end(), '/'));
  if (depth >= kNestingMax / 2 ||
      !source.replace(path.pointer, value_of(std::string{assignment.substr(equals + 1)}),
                      argument)) {
    source.add_error({{argument, 0, 0},
                      path.pointer,
                      "a path that leads nowhere",
                      "the path of a value in the scenario",
                      ""});
  }
}

}  // namespace windtunnel::chaos
