#include "chaos/report/csv.hpp"

#include <fmt/format.h>

namespace windtunnel::chaos {

namespace {

constexpr std::string_view line_end = "\r\n";

std::string value_field(const MeasureValue* value) {
  if (value == nullptr) {
    return {};
  }
  if (value->is_censored()) {
    return "inf";
  }
  const Amount* amount = value->amount();
  if (amount == nullptr) {
    return {};
  }
  const Count* count = std::get_if<Count>(amount);
  return count != nullptr ? fmt::format("{}", *count) : fmt::format("{}", number_of(*amount));
}

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string{text};
  }
  std::string quoted = "\"";
  for (const char byte : text) {
    quoted.append(byte == '"' ? 2 : 1, byte);
  }
  return quoted + "\"";
}

std::string campaign_csv(const Campaign& campaign) {
  std::string csv = "seed,verdict,digest";
  for (const MeasureOverSeeds& measure : campaign.measures) {
    csv += "," + csv_field(measure.key.name());
  }
  csv += line_end;
  for (const CampaignRun& run : campaign.runs) {
    csv += fmt::format("{},{},{}", run.seed, to_string(run.verdict), csv_field(run.digest));
    for (const MeasureOverSeeds& measure : campaign.measures) {
      csv += "," + value_field(run.table.find(measure.key.measure, measure.key.window));
    }
    csv += line_end;
  }
  return csv;
}

}  // namespace windtunnel::chaos
