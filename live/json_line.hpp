// Writing one flat JSON object without a JSON library.
#pragma once

#include <string>
#include <string_view>

#include "runtime/payload.hpp"

namespace windtunnel::live {

/// Appends `text` quoted. Where it is not UTF-8, each byte beyond ASCII is written as the code
/// point of its number, so that the line is valid JSON whatever a fact holds.
void append_json_string(std::string& out, std::string_view text);

/// Appends `{"name":value,...}`: the members of a fact as they are visited.
class JsonFields final : public FieldVisitor {
 public:
  explicit JsonFields(std::string& out) : out_(out) { out_ += '{'; }
  /// Closes the object.
  void finish() { out_ += '}'; }

  void field(std::string_view name, std::int64_t value) override;
  void field(std::string_view name, std::uint64_t value) override;
  void field(std::string_view name, double value) override;
  void field(std::string_view name, bool value) override;
  void field(std::string_view name, std::string_view value) override;

 private:
  void begin(std::string_view name);

  std::string& out_;
  bool is_first_ = true;
};

}  // namespace windtunnel::live
