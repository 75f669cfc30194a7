#include "models/health/outlier_options.hpp"

namespace windtunnel::health {

OutlierOptions grpc_a50_outlier_options() {
  OutlierOptions options;
  options.dialect = OutlierDialect::grpc_a50;
  options.failure_percentage.enforcing_percent = 100;
  return options;
}

}  // namespace windtunnel::health
