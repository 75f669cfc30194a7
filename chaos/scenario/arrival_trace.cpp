#include "chaos/scenario/arrival_trace.hpp"

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "chaos/scenario/quantity.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::uintmax_t kBytesMax = 256U << 20U;

/// What the file's lines are read into, and where a problem with one is noted.
class TraceReader {
 public:
  TraceReader(const Node& node, std::string file) : node_(node), file_(std::move(file)) {}

  void take(std::string_view line) {
    ++line_;
    const std::string_view field = line.substr(0, line.find_first_of(",\r"));
    const bool is_header = line_ == 1 && field.starts_with("at");
    if (line.empty() || line == "\r" || is_header) {
      return;
    }
    const Parsed<Duration> parsed = parse_duration(field);
    if (const Complaint* const complaint = std::get_if<Complaint>(&parsed)) {
      complain(field, complaint->expected);
      return;
    }
    const Duration offset = std::get<Duration>(parsed);
    const Duration least = offsets_.empty() ? Duration::zero() : offsets_.back();
    if (offset < least || offset > kLongest) {
      complain(field, fmt::format("an offset from {} to {}: they do not descend",
                                  quantity_text(least), quantity_text(kLongest)));
      return;
    }
    offsets_.push_back(offset);
  }

  [[nodiscard]] std::vector<Duration> take_offsets() { return std::move(offsets_); }

 private:
  void complain(std::string_view found, std::string expected) {
    ++node_.reading().problems;
    node_.reading().errors.push_back({{file_, line_, 1},
                                      node_.pointer(),
                                      Json(found.substr(0, 60)).dump(-1, ' ', false, kReplace),
                                      std::move(expected),
                                      ""});
  }

  static constexpr auto kReplace = Json::error_handler_t::replace;

  const Node& node_;
  std::string file_;
  std::uint32_t line_ = 0;
  std::vector<Duration> offsets_;
};

}  // namespace

std::vector<Duration> read_arrival_trace(const Node& node) {
  namespace fs = std::filesystem;
  const fs::path path = fs::path{node.reading().source.file()}.parent_path() /
                        fs::path{node.json().get<std::string>()};
  std::error_code unknown;
  std::ifstream file;
  // Nothing but a file: a pipe or a device would never end.
  if (fs::is_regular_file(path, unknown) && fs::file_size(path, unknown) <= kBytesMax) {
    file.open(path, std::ios::binary);
  }
  if (!file.is_open()) {
    node.complain(fmt::format("{}, which is no file that can be read", node.found()),
                  "a file of offsets beside the scenario");
    return {};
  }
  TraceReader reader{node, path.string()};
  for (std::string line; std::getline(file, line);) {
    reader.take(line);
  }
  return reader.take_offsets();
}

}  // namespace windtunnel::chaos
