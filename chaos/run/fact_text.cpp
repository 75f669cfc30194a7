#include "chaos/run/fact_text.hpp"

#include <fmt/format.h>

namespace windtunnel::chaos {

namespace {

class TextVisitor final : public FieldVisitor {
 public:
  explicit TextVisitor(std::string& text) : text_(text) {}
  void field(std::string_view name, std::int64_t value) override {
    add(name, fmt::to_string(value));
  }
  void field(std::string_view name, std::uint64_t value) override {
    add(name, fmt::to_string(value));
  }
  void field(std::string_view name, double value) override { add(name, fmt::to_string(value)); }
  void field(std::string_view name, bool value) override { add(name, value ? "true" : "false"); }
  void field(std::string_view name, std::string_view value) override {
    add(name, std::string{value});
  }

 private:
  void add(std::string_view name, const std::string& value) {
    text_ += fmt::format(" {}={}", name, value);
  }

  std::string& text_;
};

}  // namespace

std::string fact_text(const sim::Fact& fact, const std::vector<std::string>& host_names) {
  std::string text = fmt::format("{}.{:09} s  {}  {} ", nanoseconds_of(fact.at) / 1'000'000'000,
                                 nanoseconds_of(fact.at) % 1'000'000'000,
                                 host_names.at(fact.host.value()), fact.type->name);
  ByteReader in{fact.encoded};
  Payload value;
  if (fact.type->decode(in, value)) {
    TextVisitor visitor{text};
    fact.type->visit(value.object(), visitor);
  }
  return text;
}

}  // namespace windtunnel::chaos
