// What every command needs that asks the broker something.
#ifndef ENTENTE_CLIENT_CONNECTED_H_
#define ENTENTE_CLIENT_CONNECTED_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/certificate.h"
#include "client/cli.h"
#include "client/local_store.h"
#include "client/profile.h"
#include "client/rpc/broker_link.h"
#include "crypto/dsse.h"
#include "google/protobuf/timestamp.pb.h"

namespace entente::client {

// The id of the broker's own ledger.
inline constexpr absl::string_view kBrokerLedger = "broker";

// A profile with its connection, and a system's store.
struct Connected {
  Profile profile;
  std::unique_ptr<BrokerLink> link;
  std::unique_ptr<LocalStore> store;  // null unless the profile is a system's

  KnowledgeTable* knowledge() const {
    return store == nullptr ? nullptr : &store->knowledge();
  }
};

// Opens all three for the profile that the caller meant. As
// Session::OpenProfile, BrokerLink::Open and LocalStore::Open.
absl::StatusOr<Connected> Connect(Session& session);

// `payload` signed with the profile's certificate, whose chain ends in the
// profile's root. NotFound if the profile has no root.pem.
absl::StatusOr<crypto::Envelope> SignAs(const Connected& connected,
                                        absl::string_view payload_type,
                                        absl::Span<const uint8_t> payload);

// The agency's root. As ReadFile and Certificate::FromPem.
absl::StatusOr<certs::Certificate> RootOf(const Profile& profile);

// An instant of the wire as `2026-03-31T12:00:00Z`.
std::string TimeText(const google::protobuf::Timestamp& time);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_CONNECTED_H_
