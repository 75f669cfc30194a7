#include "chaos/scenario/json_pointer.hpp"

namespace windtunnel::chaos {

std::string pointer_to(std::string_view pointer, std::string_view key) {
  std::string child{pointer};
  child += '/';
  for (const char c : key) {
    if (c == '~') {
      child += "~0";
    } else if (c == '/') {
      child += "~1";
    } else {
      child += c;
    }
  }
  return child;
}

std::string pointer_to(std::string_view pointer, std::size_t index) {
  return std::string{pointer} + '/' + std::to_string(index);
}

std::string_view parent_pointer(std::string_view pointer) {
  const std::size_t slash = pointer.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : pointer.substr(0, slash);
}

std::string unescape_pointer_part(std::string_view part) {
  std::string key;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const bool escaped = part[i] == '~' && i + 1 < part.size();
    if (escaped && part[i + 1] == '0') {
      key += '~';
    } else if (escaped && part[i + 1] == '1') {
      key += '/';
    } else {
      key += part[i];
      continue;
    }
    ++i;
  }
  return key;
}

}  // namespace windtunnel::chaos
