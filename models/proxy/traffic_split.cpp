#include "models/proxy/traffic_split.hpp"

#include <algorithm>

#include "runtime/codec.hpp"

namespace windtunnel::proxy {

namespace {

constexpr std::string_view kSplitPrefix = "splits/";

/// What is wrong with a split, whoever wrote it; empty where nothing is.
std::string_view flaw_of(const TrafficSplit& split) {
  std::uint64_t sum = 0;
  std::uint32_t before = 0;
  for (const VersionShare& share : split.shares) {
    if (share.version <= before) {
      return "versions must be positive and ascending";
    }
    before = share.version;
    sum += share.share;
  }
  return sum == kWholeInParts ? std::string_view{} : "the shares must make up the whole";
}

}  // namespace

PartsPerBillion share_of(const TrafficSplit& split, std::uint32_t version) {
  const auto found = std::find_if(split.shares.begin(), split.shares.end(),
                                  [&](const VersionShare& s) { return s.version == version; });
  return found == split.shares.end() ? 0 : found->share;
}

std::string split_document_name(std::string_view service) {
  std::string name{kSplitPrefix};
  name += service;
  return name;
}

bool is_split_name(std::string_view document) {
  return document.starts_with(kSplitPrefix);
}

SharedBytes split_document_content(const TrafficSplit& split) {
  return SharedBytes{encoded(split)};
}

std::optional<TrafficSplit> split_of(const config::Document& document, std::string& why_not) {
  std::optional<TrafficSplit> split = decoded<TrafficSplit>(document.content.view());
  std::string_view flaw = "it does not decode as a traffic split";
  if (split) {
    const bool is_elsewhere = document.name != split_document_name(split->service);
    flaw = is_elsewhere ? "its content is the split of another service" : flaw_of(*split);
  }
  if (!flaw.empty()) {
    why_not = document.name + ": " + std::string{flaw};
    return std::nullopt;
  }
  return split;
}

std::optional<std::string> split_flaw_of(const config::Update& update) {
  for (const config::Document& document : update.written) {
    std::string why_not;
    if (document.name.starts_with(kSplitPrefix) && !split_of(document, why_not)) {
      return why_not;
    }
  }
  return std::nullopt;
}

std::optional<TrafficSplit> split_in(const Documents& documents, std::string_view service) {
  const auto found = documents.find(split_document_name(service));
  return found == documents.end() ? std::nullopt
                                  : decoded<TrafficSplit>(found->second.content.view());
}

}  // namespace windtunnel::proxy
