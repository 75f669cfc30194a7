#include "chaos/scenario/scenario_keys.hpp"

#include <array>

namespace windtunnel::chaos::keys {

namespace {

using Name = std::string_view;

constexpr std::array kScenario{Name{"$schema"},  Name{"name"},          Name{"about"},
                               Name{"seed"},     Name{"duration"},      Name{"encode_messages"},
                               Name{"topology"}, Name{"control_plane"}, Name{"services"},
                               Name{"policies"}, Name{"load"},          Name{"timeline"},
                               Name{"expect"},   Name{"recovery"},      Name{"replication"},
                               Name{"gossip"}};
constexpr std::array kTopology{Name{"zones"}, Name{"hosts"}, Name{"latency"}, Name{"bandwidth"},
                               Name{"loss"}};
constexpr std::array kHost{Name{"zone"}, Name{"spread"}, Name{"cores"}, Name{"message_cost"},
                           Name{"clock"}};
constexpr std::array kClock{Name{"offset"}, Name{"drift"}};
constexpr std::array kLatencies{Name{"loopback"}, Name{"zone"}, Name{"region"}, Name{"wan"}};
constexpr std::array kLinks{Name{"zone"}, Name{"region"}, Name{"wan"}};
constexpr std::array kControlPlane{Name{"on"},       Name{"raft"},     Name{"config"},
                                   Name{"registry"}, Name{"identity"}, Name{"gate"}};
constexpr std::array kRegistry{Name{"heartbeat"}, Name{"expire_after"}, Name{"self_preservation"}};
constexpr std::array kConfig{Name{"push"}, Name{"debounce"}, Name{"concurrency"},
                             Name{"document_cost"}};
constexpr std::array kRaft{Name{"tick"},
                           Name{"heartbeat_ticks"},
                           Name{"election_ticks"},
                           Name{"pre_vote"},
                           Name{"check_quorum"},
                           Name{"fsync"},
                           Name{"max_entries_per_append"},
                           Name{"max_bytes_per_append"}};
constexpr std::array kLoad{Name{"to"},        Name{"from"},       Name{"rate"},    Name{"arrivals"},
                           Name{"reads"},     Name{"value_size"}, Name{"timeout"}, Name{"deadline"},
                           Name{"retry"},     Name{"users"},      Name{"think"},   Name{"keys"},
                           Name{"priorities"}};
constexpr std::array kRatePoint{Name{"at"}, Name{"rate"}, Name{"then"}};
constexpr std::array kArrivalsForm{Name{"bursty"}, Name{"replay"}};
constexpr std::array kBursty{Name{"on"}, Name{"off"}, Name{"mean_on"}, Name{"mean_off"}};
constexpr std::array kRequestKeys{Name{"users"}, Name{"skew"}};
constexpr std::array kRetry{Name{"attempts"}, Name{"backoff"}};
constexpr std::array kService{
    Name{"on"},        Name{"workers"},        Name{"service_time"}, Name{"queue"},
    Name{"order"},     Name{"drops_expired"},  Name{"calls"},        Name{"fan_out"},
    Name{"deadlines"}, Name{"worker"},         Name{"priorities"},   Name{"errors"},
    Name{"speed"},     Name{"warm_up"},        Name{"pauses"},       Name{"admission"},
    Name{"pushback"},  Name{"versions"},       Name{"split"},        Name{"split_by"},
    Name{"labels"},    Name{"virtual_address"}};
constexpr std::array kCall{Name{"to"}, Name{"timeout"}, Name{"need"}};
constexpr std::array kWarmUp{Name{"lasts"}, Name{"slowdown"}};
constexpr std::array kPauses{Name{"interval"}, Name{"length"}};
constexpr std::array kAdmission{Name{"queuing_max"}, Name{"window"},   Name{"window_requests"},
                                Name{"decrease"},    Name{"increase"}, Name{"business_levels"}};
constexpr std::array kPolicy{Name{"balance"},
                             Name{"timeout"},
                             Name{"deadline"},
                             Name{"cancel"},
                             Name{"retry"},
                             Name{"breaker"},
                             Name{"outlier"},
                             Name{"rate_limit"},
                             Name{"concurrency"},
                             Name{"hedge"},
                             Name{"adaptive_concurrency"},
                             Name{"throttle"},
                             Name{"health_check"},
                             Name{"quota"},
                             Name{"locality"},
                             Name{"retry_quota"},
                             Name{"bulkhead"},
                             Name{"admission"},
                             Name{"hierarchical_limit"},
                             Name{"subsets"},
                             Name{"mtls"}};
constexpr std::array kBalance{Name{"kind"}, Name{"panic_percent"}, Name{"zone_aware"},
                              Name{"slow_start"}, Name{"subset_size"}};
constexpr std::array kRouteRetry{Name{"attempts"}, Name{"backoff"}, Name{"jitter"}, Name{"budget"}};
constexpr std::array kBreaker{
    Name{"error_ratio"}, Name{"slow_ratio"}, Name{"slow_after"}, Name{"window"},
    Name{"minimum"},     Name{"open_for"},   Name{"half_open"},  Name{"consecutive_errors"},
    Name{"error_count"}};
constexpr std::array kOutlier{Name{"consecutive_errors"}, Name{"interval"},     Name{"eject_for"},
                              Name{"max_ejected"},        Name{"success_rate"}, Name{"robust"}};
constexpr std::array kRateLimit{Name{"rate"},     Name{"burst"},   Name{"kind"},
                                Name{"max_wait"}, Name{"warm_up"}, Name{"cold_factor"}};
constexpr std::array kHedge{Name{"after"}, Name{"attempts"}, Name{"budget"}};
constexpr std::array kAdaptiveConcurrency{Name{"kind"}, Name{"initial"}, Name{"minimum"},
                                          Name{"maximum"}, Name{"window"}};
constexpr std::array kThrottle{Name{"kind"}, Name{"k"}, Name{"success_ratio"}, Name{"window"}};
constexpr std::array kHealthCheck{Name{"interval"}, Name{"timeout"}, Name{"unhealthy"},
                                  Name{"healthy"}, Name{"jitter"}};
constexpr std::array kQuota{Name{"rate"}, Name{"burst"}, Name{"when_unreachable"}};
constexpr std::array kLocality{Name{"kind"}, Name{"overprovisioning_percent"}, Name{"weights"}};
constexpr std::array kBulkhead{Name{"concurrency"}, Name{"queue"}, Name{"max_wait"}};
constexpr std::array kRouteAdmission{Name{"keep"}, Name{"others"}};
constexpr std::array kHierarchicalLimit{Name{"levels"}};
constexpr std::array kLimitLevel{Name{"by"}, Name{"rate"}, Name{"burst"}, Name{"buckets"}};
constexpr std::array kSubsets{Name{"selectors"}, Name{"fallback"}, Name{"default"}, Name{"match"}};
constexpr std::array kSubsetSelector{Name{"by"}, Name{"fallback"}};
constexpr std::array kGossip{Name{"probe_interval"}, Name{"probe_timeout"}, Name{"gossip_interval"},
                             Name{"indirect_checks"}, Name{"suspicion_multiplier"}};
constexpr std::array kVirtualAddress{Name{"priorities"}, Name{"advertisement"}, Name{"version"},
                                     Name{"preempts"}};
constexpr std::array kIdentity{Name{"ttl"}, Name{"grace_ratio"}, Name{"jitter"}, Name{"backdate"},
                               Name{"backoff"}};
constexpr std::array kMtls{Name{"connection_age"}};
constexpr std::array kRotation{Name{"order"}, Name{"wait"}};
constexpr std::array kGate{Name{"poll"}, Name{"without_bundle"}, Name{"rules"}, Name{"data"}};
constexpr std::array kGateRule{Name{"deny"}, Name{"when"}};
constexpr std::array kGateBundle{Name{"rules"}, Name{"data"}};
constexpr std::array kFault{
    Name{"id"},          Name{"at"},     Name{"for"},       Name{"every"},
    Name{"times"},       Name{"crash"},  Name{"host_loss"}, Name{"pause"},
    Name{"partition"},   Name{"delay"},  Name{"loss"},      Name{"restart_after"},
    Name{"between"},     Name{"on"},     Name{"one_way"},   Name{"by"},
    Name{"policy"},      Name{"canary"}, Name{"load"},      Name{"split"},
    Name{"rotate_root"}, Name{"bundle"}, Name{"review"}};
constexpr std::array kExpectation{Name{"that"},       Name{"after"},   Name{"during"},
                                  Name{"until"},      Name{"at_most"}, Name{"at_least"},
                                  Name{"equals"},     Name{"within"},  Name{"on_empty"},
                                  Name{"over_seeds"}, Name{"gate"}};
constexpr std::array kRecovery{Name{"success_ratio"}, Name{"latency_factor"}, Name{"window"},
                               Name{"sustain"},       Name{"steady"},         Name{"balance"}};
constexpr std::array kBalanceRecovery{Name{"distance"}, Name{"window"}, Name{"sustain"}};
constexpr std::array kDistribution{Name{"uniform"},   Name{"exponential"}, Name{"lognormal"},
                                   Name{"empirical"}, Name{"median"},      Name{"p99"},
                                   Name{"between"}};
constexpr std::array kLognormal{Name{"median"}, Name{"p99"}};
constexpr std::array kCanary{Name{"of"}, Name{"version"}, Name{"steps"}, Name{"analysis"}};
constexpr std::array kStep{Name{"pause"}};
constexpr std::array kAnalysis{Name{"kind"},    Name{"alpha"},         Name{"p99_rise"},
                               Name{"minimum"}, Name{"interval"},      Name{"success_ratio"},
                               Name{"p99"},     Name{"failure_limit"}, Name{"inconclusive_limit"}};
constexpr std::array kVersion{Name{"on"}, Name{"service_time"}, Name{"errors"}};

constexpr std::array kReplication{
    Name{"on"},    Name{"stamps"},       Name{"max_ahead"},      Name{"retry"},
    Name{"hints"}, Name{"repair_every"}, Name{"deletions_kept"}, Name{"load"}};
constexpr std::array kReplicationLoad{Name{"from"}, Name{"rate"}, Name{"mix"},
                                      Name{"keys"}, Name{"skew"}, Name{"timeout"}};
/// In the order of replica::CallKind.
constexpr std::array kReplicationMix{Name{"put"}, Name{"erase"}, Name{"add"}, Name{"remove"},
                                     Name{"read"}};

}  // namespace

const KeySet scenario{"scenario", kScenario};
const KeySet topology{"topology", kTopology};
const KeySet host{"host", kHost};
const KeySet clock{"clock", kClock};
const KeySet latencies{"latencies", kLatencies};
const KeySet bandwidths{"bandwidths", kLinks};
const KeySet losses{"losses", kLinks};
const KeySet control_plane{"control_plane", kControlPlane};
const KeySet raft{"raft", kRaft};
const KeySet load{"load", kLoad};
const KeySet retry{"retry", kRetry};
const KeySet config{"config", kConfig};
const KeySet registry{"registry", kRegistry};
const KeySet service{"service", kService};
const KeySet policy{"policy", kPolicy};
const KeySet balance{"balance", kBalance};
const KeySet route_retry{"route_retry", kRouteRetry};
const KeySet breaker{"breaker", kBreaker};
const KeySet outlier{"outlier", kOutlier};
const KeySet rate_limit{"rate_limit", kRateLimit};
const KeySet hedge{"hedge", kHedge};
const KeySet adaptive_concurrency{"adaptive_concurrency", kAdaptiveConcurrency};
const KeySet throttle{"throttle", kThrottle};
const KeySet health_check{"health_check", kHealthCheck};
const KeySet quota{"quota", kQuota};
const KeySet locality{"locality", kLocality};
const KeySet bulkhead{"bulkhead", kBulkhead};
const KeySet route_admission{"route_admission", kRouteAdmission};
const KeySet fault{"fault", kFault};
const KeySet expectation{"expectation", kExpectation};
const KeySet recovery{"recovery", kRecovery};
const KeySet balance_recovery{"balance_recovery", kBalanceRecovery};
const KeySet rate_point{"rate_point", kRatePoint};
const KeySet arrivals{"arrivals", kArrivalsForm};
const KeySet bursty{"bursty", kBursty};
const KeySet request_keys{"request_keys", kRequestKeys};
const KeySet call{"call", kCall};
const KeySet warm_up{"warm_up", kWarmUp};
const KeySet pauses{"pauses", kPauses};
const KeySet admission{"admission", kAdmission};
const KeySet identity{"identity", kIdentity};
const KeySet mtls{"mtls", kMtls};
const KeySet rotation{"rotation", kRotation};
const KeySet gate{"gate", kGate};
const KeySet gate_rule{"gate_rule", kGateRule};
const KeySet gate_bundle{"gate_bundle", kGateBundle};
const KeySet distribution{"distribution", kDistribution};
const KeySet lognormal{"lognormal", kLognormal};
const KeySet version{"version", kVersion};
const KeySet canary{"canary", kCanary};
const KeySet step{"step", kStep};
const KeySet analysis{"analysis", kAnalysis};
const KeySet replication{"replication", kReplication};
const KeySet replication_load{"replication_load", kReplicationLoad};
const KeySet replication_mix{"replication_mix", kReplicationMix};
const KeySet hierarchical_limit{"hierarchical_limit", kHierarchicalLimit};
const KeySet limit_level{"limit_level", kLimitLevel};
const KeySet subsets{"subsets", kSubsets};
const KeySet gossip{"gossip", kGossip};
const KeySet virtual_address{"virtual_address", kVirtualAddress};
const KeySet subset_selector{"subset_selector", kSubsetSelector};

std::span<const KeySet* const> all() {
  static constexpr std::array kAll{&scenario,
                                   &topology,
                                   &host,
                                   &clock,
                                   &latencies,
                                   &bandwidths,
                                   &losses,
                                   &control_plane,
                                   &raft,
                                   &config,
                                   &load,
                                   &retry,
                                   &service,
                                   &policy,
                                   &balance,
                                   &route_retry,
                                   &breaker,
                                   &outlier,
                                   &rate_limit,
                                   &fault,
                                   &expectation,
                                   &recovery,
                                   &distribution,
                                   &lognormal,
                                   &version,
                                   &canary,
                                   &step,
                                   &analysis,
                                   &registry,
                                   &balance_recovery,
                                   &rate_point,
                                   &arrivals,
                                   &bursty,
                                   &request_keys,
                                   &call,
                                   &warm_up,
                                   &pauses,
                                   &admission,
                                   &hedge,
                                   &adaptive_concurrency,
                                   &throttle,
                                   &health_check,
                                   &quota,
                                   &locality,
                                   &bulkhead,
                                   &route_admission,
                                   &hierarchical_limit,
                                   &limit_level,
                                   &subsets,
                                   &subset_selector,
                                   &gossip,
                                   &virtual_address,
                                   &replication,
                                   &replication_load,
                                   &replication_mix,
                                   &identity,
                                   &gate,
                                   &gate_rule,
                                   &gate_bundle,
                                   &mtls,
                                   &rotation};
  return kAll;
}

}  // namespace windtunnel::chaos::keys
