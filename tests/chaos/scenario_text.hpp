// A small scenario that loads, in pieces that a test may replace.
#pragma once

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "chaos/scenario/scenario.hpp"

namespace windtunnel::chaos {

struct ScenarioText {
  std::string topology =
      R"({ "zones": { "a": "east", "b": "east", "c": "west" },
           "hosts": { "cp-{a,b,c}": { "zone": "{}" }, "client": { "zone": "a" } } })";
  std::string control_plane = R"({ "on": "cp-*" })";
  std::string load = R"([{ "to": "control_plane", "from": "client", "rate": "200/s" }])";
  std::string timeline = "[]";
  std::string expect = "[]";
  std::string more;  ///< Members of the document, each with a comma behind it.

  [[nodiscard]] std::string text() const {
    return "{ " + more + R"( "name": "test", "duration": "60s", "topology": )" + topology +
           R"(, "control_plane": )" + control_plane + R"(, "load": )" + load + R"(, "timeline": )" +
           timeline + R"(, "expect": )" + expect + " }";
  }
};

inline std::string errors_text(const std::vector<InputError>& errors) {
  std::string text;
  for (const InputError& error : errors) {
    text += error_text(error) + '\n';
  }
  return text;
}

/// The scenario of a text that is expected to load.
inline Scenario loaded(std::string text) {
  LoadedScenario result = load_scenario(parse_source(std::move(text), "test.json"));
  if (!result.scenario) {
    throw BadInput{result.errors};
  }
  return std::move(*result.scenario);
}

inline Plan planned(const ScenarioText& scenario, std::uint64_t seed = 1) {
  return make_plan(loaded(scenario.text()), seed);
}

}  // namespace windtunnel::chaos
