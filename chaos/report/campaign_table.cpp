#include "chaos/report/campaign_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "chaos/measure/measures_catalogue.hpp"
#include "chaos/report/report.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::string_view indent = "  ";
constexpr std::size_t histogram_bins = 12;
constexpr std::size_t seeds_shown_max = 20;
constexpr int columns_beside_bar = 40;
constexpr int bar_columns_max = 60;

std::string heading(std::string_view text, const Style& style) {
  return "\n" + paint(text, Ink::bold, style) + "\n";
}

Unit unit_of_measure(std::string_view measure) {
  const MeasureInfo* info = find_measure(measure);
  return info == nullptr ? Unit::duration : info->unit;
}

std::string header(const Campaign& campaign, const Style& style) {
  Duration simulated{};
  double wall_seconds = 0;
  for (const CampaignRun& run : campaign.runs) {
    simulated += run.length;
    wall_seconds += run.wall_seconds;
  }
  std::string text = paint(campaign.scenario, Ink::bold, style) + "\n";
  text +=
      fmt::format("{}{} seeds, {} simulated", indent, campaign.runs.size(), amount_text(simulated));
  if (wall_seconds > 0) {
    text += fmt::format(" in {:.2f} s of run time", wall_seconds);
  }
  text += "\n" + std::string{indent};
  std::string_view separator;
  for (const Verdict verdict :
       {Verdict::pass, Verdict::inconclusive, Verdict::fail, Verdict::error}) {
    text += fmt::format("{}{} {}", separator, campaign.count(verdict), to_string(verdict));
    separator = ", ";
  }
  return text + "\n";
}

/// The properties of faults and runs are left to the CSV and JSON files.
bool is_of_the_service(const MeasureOverSeeds& measure) {
  return !measure.key.measure.starts_with("fault.") && !measure.key.measure.starts_with("run.");
}

/// A measure that no seed had a value for is left out.
std::string statistics_table(const Campaign& campaign, const Style& style) {
  TextTable table{{Align::left, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::right, Align::right, Align::right, Align::right}};
  table.add({"", "n", "censored", "min", "mean", "p50", "p95", "p99", "max", "worst seed"});
  bool any = false;
  for (const MeasureOverSeeds& measure : campaign.measures) {
    if (!measure.statistics || !is_of_the_service(measure)) {
      continue;
    }
    any = true;
    const SampleStatistics& s = *measure.statistics;
    const Unit unit = unit_of_measure(measure.key.measure);
    table.add({measure.key.name(), fmt::format("{}", s.n), fmt::format("{}", s.censored),
               number_text(s.min, unit), number_text(s.mean, unit), number_text(s.p50, unit),
               number_text(s.p95, unit), number_text(s.p99, unit), number_text(s.max, unit),
               fmt::format("{}", measure.worst_seed())});
  }
  return any ? heading("Measures over seeds", style) + table.text(indent) : "";
}

std::string recovery_histograms(const Campaign& campaign, const Style& style) {
  std::string text;
  for (const MeasureOverSeeds& measure : campaign.measures) {
    if (measure.key.measure == "control_plane.recovery_time" && measure.statistics) {
      text += heading(measure.key.name(), style) + histogram(measure, histogram_bins, style);
    }
  }
  return text;
}

std::string interval_text(const SeedsEvaluation& evaluation, Unit unit) {
  if (!evaluation.interval) {
    return "";
  }
  return fmt::format("95 % CI {} … {}", number_text(evaluation.interval->low, unit),
                     number_text(evaluation.interval->high, unit));
}

std::string seeds_expectations(const Campaign& campaign, const Style& style) {
  TextTable table{{Align::left, Align::left, Align::right, Align::left, Align::left, Align::left}};
  for (const SeedsEvaluation& evaluation : campaign.evaluations) {
    const Unit unit = unit_of_measure(evaluation.expectation.that);
    table.add({paint(mark_of(evaluation.verdict), ink_of(evaluation.verdict), style),
               evaluation.name,
               evaluation.observed ? number_text(*evaluation.observed, unit) : "unknown",
               to_text(*evaluation.expectation.bound), fmt::format("n {}", evaluation.n),
               interval_text(evaluation, unit)});
  }
  return campaign.evaluations.empty()
             ? ""
             : heading("Expectations over seeds", style) + table.text(indent);
}

/// The worst verdicts first; within one, by seed.
std::vector<const CampaignRun*> runs_to_look_at(const Campaign& campaign) {
  std::vector<const CampaignRun*> runs;
  for (const CampaignRun& run : campaign.runs) {
    if (run.verdict != Verdict::pass) {
      runs.push_back(&run);
    }
  }
  std::ranges::stable_sort(
      runs, [](const CampaignRun* a, const CampaignRun* b) { return a->verdict > b->verdict; });
  return runs;
}

std::string failed_seeds(const Campaign& campaign, std::string_view scenario_file,
                         const Style& style) {
  const std::vector<const CampaignRun*> runs = runs_to_look_at(campaign);
  std::string text = runs.empty() ? "" : heading("Seeds that did not pass", style);
  for (std::size_t i = 0; i < std::min(runs.size(), seeds_shown_max); ++i) {
    const CampaignRun& run = *runs[i];
    text += fmt::format("{}{} seed {}: {}\n", indent,
                        paint(mark_of(run.verdict), ink_of(run.verdict), style), run.seed,
                        run.reasons.empty() ? to_string(run.verdict) : run.reasons.front());
    text += fmt::format("{}    {}\n", indent, replay_command(scenario_file, run.seed));
  }
  if (runs.size() > seeds_shown_max) {
    text += fmt::format("{}and {} more\n", indent, runs.size() - seeds_shown_max);
  }
  return text;
}

std::string conclusion(const Campaign& campaign, const Style& style) {
  std::string text =
      "\nVerdict: " + paint(to_string(campaign.verdict), ink_of(campaign.verdict), style) + "\n";
  for (const SeedsEvaluation& evaluation : campaign.evaluations) {
    if (evaluation.verdict != Verdict::pass) {
      text += fmt::format("{}{}: {}\n", indent, evaluation.name, evaluation.explanation);
    }
  }
  return text;
}

struct Bin {
  double low = 0;
  double high = 0;
  std::uint64_t count = 0;
};

std::vector<Bin> finite_bins(const MeasureOverSeeds& measure, std::size_t bins) {
  std::vector<double> finite;
  for (const SeedSample& sample : measure.samples) {
    if (std::isfinite(sample.value)) {
      finite.push_back(sample.value);
    }
  }
  if (finite.empty()) {
    return {};
  }
  const auto [low, high] = std::ranges::minmax(finite);
  if (low == high) {
    return {{.low = low, .high = high, .count = finite.size()}};
  }
  const double width = (high - low) / static_cast<double>(bins);
  std::vector<Bin> filled(bins);
  for (std::size_t i = 0; i < bins; ++i) {
    filled[i].low = low + width * static_cast<double>(i);
    filled[i].high = low + width * static_cast<double>(i + 1);
  }
  for (const double value : finite) {
    const auto bin = static_cast<std::size_t>((value - low) / width);
    ++filled[std::min(bin, bins - 1)].count;
  }
  return filled;
}

}  // namespace

std::string histogram(const MeasureOverSeeds& measure, std::size_t bins, const Style& style) {
  const Unit unit = unit_of_measure(measure.key.measure);
  std::vector<Bin> filled = finite_bins(measure, bins);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto infinite =
      static_cast<std::uint64_t>(std::ranges::count(measure.samples, infinity, &SeedSample::value));
  if (infinite > 0) {
    filled.push_back({.low = infinity, .high = infinity, .count = infinite});
  }
  std::uint64_t most = 0;
  for (const Bin& bin : filled) {
    most = std::max(most, bin.count);
  }
  const int columns = std::clamp(style.width - columns_beside_bar, 8, bar_columns_max);
  TextTable table{{Align::right, Align::left, Align::right, Align::right, Align::left}};
  for (const Bin& bin : filled) {
    const bool single = bin.low == bin.high;
    table.add({number_text(bin.low, unit), single ? "" : "…",
               single ? "" : number_text(bin.high, unit), fmt::format("{}", bin.count),
               bar(static_cast<double>(bin.count) / static_cast<double>(most), columns)});
  }
  return table.text(indent);
}

std::string campaign_report(const Campaign& campaign, std::string_view scenario_file,
                            const Style& style) {
  return header(campaign, style) + statistics_table(campaign, style) +
         recovery_histograms(campaign, style) + seeds_expectations(campaign, style) +
         failed_seeds(campaign, scenario_file, style) + conclusion(campaign, style);
}

}  // namespace windtunnel::chaos
