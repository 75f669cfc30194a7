#include "models/proxy/attempt_outcome.hpp"

namespace windtunnel::proxy {

retry::AttemptOutcome attempt_outcome_of(service::CallOutcome outcome) {
  switch (outcome) {
    case service::CallOutcome::ok:
      return retry::AttemptOutcome::succeeded;
    case service::CallOutcome::unreachable:
      return retry::AttemptOutcome::refused;
    case service::CallOutcome::overloaded:
      return retry::AttemptOutcome::throttled;
    case service::CallOutcome::timed_out:
      return retry::AttemptOutcome::timed_out;
    case service::CallOutcome::failed:
      return retry::AttemptOutcome::unavailable;
    case service::CallOutcome::expired:
    case service::CallOutcome::rejected:
      return retry::AttemptOutcome::failed;
  }
  return retry::AttemptOutcome::failed;
}

service::CallOutcome outcome_of(Refused refused) {
  return refused == Refused::no_endpoint ? service::CallOutcome::unreachable
                                         : service::CallOutcome::rejected;
}

}  // namespace windtunnel::proxy
