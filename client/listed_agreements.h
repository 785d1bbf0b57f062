// The agreements that the broker lists for the caller's agency: its word alone.
#ifndef ENTENTE_CLIENT_LISTED_AGREEMENTS_H_
#define ENTENTE_CLIENT_LISTED_AGREEMENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/rpc/broker_link.h"
#include "entente/v1/agreements.pb.h"

namespace entente::client {

// All of them, by id, with the highest version of each. A call for each 500.
absl::StatusOr<std::vector<v1::ListedAgreement>> ListAgreements(
    BrokerLink& link);

// The highest version of one; 0 if it is not listed.
absl::StatusOr<uint32_t> HighestVersion(BrokerLink& link,
                                        const std::string& agreement);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LISTED_AGREEMENTS_H_
