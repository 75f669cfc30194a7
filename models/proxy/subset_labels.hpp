// Subsets by label at a proxy: what the settings mean to a balancer.
#pragma once

#include <vector>

#include "models/balance/subset_index.hpp"
#include "models/proxy/subset_settings.hpp"

namespace windtunnel::proxy {

[[nodiscard]] balance::SubsetOptions subset_options_of(const SubsetSettings& settings);

/// What the route's requests ask for. Views of `settings`.
[[nodiscard]] std::vector<balance::LabelMatch> wanted_labels_of(const SubsetSettings& settings);

}  // namespace windtunnel::proxy
