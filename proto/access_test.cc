#include <google/protobuf/descriptor.h>

#include "entente/v1/access.pb.h"
#include "entente/v1/agreements.pb.h"
#include "entente/v1/break_glass.pb.h"
#include "entente/v1/directory.pb.h"
#include "entente/v1/exchange.pb.h"
#include "entente/v1/ledger.pb.h"
#include "entente/v1/pseudonyms.pb.h"
#include "gtest/gtest.h"

namespace entente {
namespace {

std::vector<const google::protobuf::ServiceDescriptor*> Services() {
  return {
      v1::GetStatusRequest::descriptor()->file()->service(0),
      v1::GetAgreementRequest::descriptor()->file()->service(0),
      v1::ListBreakGlassRequest::descriptor()->file()->service(0),
      v1::EnrolRequest::descriptor()->file()->service(0),
      v1::SendChunkRequest::descriptor()->file()->service(0),
      v1::ReadTileRequest::descriptor()->file()->service(0),
  };
}

TEST(Access, EveryMethodNamesTheRolesThatMayCall) {
  for (const auto* service : Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& access =
          service->method(i)->options().GetExtension(v1::access);
      EXPECT_GT(access.roles_size(), 0) << service->method(i)->full_name();
      for (int role : access.roles()) {
        EXPECT_NE(role, v1::CALLER_ROLE_UNSPECIFIED)
            << service->method(i)->full_name();
      }
    }
  }
}

TEST(Access, OperatorsReachNeitherRecordsNorAgreements) {
  for (const auto* service : Services()) {
    if (service->name() != "Exchange" && service->name() != "Agreements" &&
        service->name() != "BreakGlass" && service->name() != "Pseudonyms") {
      continue;
    }
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& access =
          service->method(i)->options().GetExtension(v1::access);
      for (int role : access.roles()) EXPECT_NE(role, v1::OPERATOR);
    }
  }
}

TEST(Access, OnlySystemsMoveRecords) {
  const auto* exchange = v1::SendChunkRequest::descriptor()->file()->service(0);
  for (int i = 0; i < exchange->method_count(); ++i) {
    const auto& access =
        exchange->method(i)->options().GetExtension(v1::access);
    ASSERT_EQ(access.roles_size(), 1);
    EXPECT_EQ(access.roles(0), v1::SYSTEM);
  }
}

}  // namespace
}  // namespace entente
