// What the library does before it calls anybody; tests/install has the rest.
#include "client/entente.h"

#include "absl/strings/match.h"
#include "client/error.h"
#include "client/profile.h"
#include "client/test_folder.h"
#include "gtest/gtest.h"

namespace entente::client {
namespace {

std::string MakeProfile(const TestFolder& folder, ProfileRole role) {
  ProfileSettings settings;
  settings.agency = role == ProfileRole::kOperator ? "" : "north";
  settings.role = role;
  settings.trust_domain = "entente.example";
  settings.broker_address = "127.0.0.1:1";
  settings.broker_name = "broker.example";
  const std::string path = folder / "profile";
  const auto made = Profile::Create(path, settings);
  EXPECT_TRUE(made.ok()) << made.status();
  return path;
}

TEST(System, OpensTheProfileOfASystemAlone) {
  const TestFolder folder;
  EXPECT_EQ(FromStatus(System::Open(folder / "absent").status()).code,
            "NO_PROFILE");
  const auto opened = System::Open(MakeProfile(folder, ProfileRole::kSystem));
  EXPECT_TRUE(opened.ok()) << opened.status();
  const TestFolder other;
  const auto person = System::Open(MakeProfile(other, ProfileRole::kSignatory));
  EXPECT_EQ(person.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(System, SaysWhatIsWrongWithWhatItIsGiven) {
  const TestFolder folder;
  const auto system = System::Open(MakeProfile(folder, ProfileRole::kSystem));
  ASSERT_TRUE(system.ok()) << system.status();
  const auto scheme = (*system)->Enrol({"isa", "no-scheme", {}});
  EXPECT_EQ(scheme.status().code(), absl::StatusCode::kInvalidArgument);
  Shipment shipment;
  shipment.columns = {"a", "a"};
  const auto columns = (*system)->Send(shipment);
  EXPECT_EQ(columns.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(System, StopsBeforeItBeginsWhenCancelled) {
  const TestFolder folder;
  const auto system = System::Open(MakeProfile(folder, ProfileRole::kSystem));
  ASSERT_TRUE(system.ok()) << system.status();
  const Cancellation cancellation;
  cancellation.Cancel();
  const Limits limits = {absl::Minutes(1), &cancellation};
  const Handler handler = [](const Delivery&) { return absl::OkStatus(); };
  EXPECT_EQ((*system)->Receive("isa", handler, limits).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ((*system)->Enrol({"isa", "pnc/1", {}}, limits).status().code(),
            absl::StatusCode::kCancelled);
  // To be stopped is how following ends.
  const auto followed = (*system)->Follow("isa", handler, cancellation);
  ASSERT_TRUE(followed.ok()) << followed.status();
  EXPECT_EQ(followed->batches, 0u);
}

TEST(System, TellsThatTheTimeIsOver) {
  const TestFolder folder;
  const auto system = System::Open(MakeProfile(folder, ProfileRole::kSystem));
  ASSERT_TRUE(system.ok()) << system.status();
  const Limits none = {absl::ZeroDuration(), nullptr};
  const auto late = (*system)->Enrol({"isa", "pnc/1", {}}, none);
  EXPECT_EQ(late.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(absl::StrContains(late.status().message(), "not done within 0"));
}

}  // namespace
}  // namespace entente::client
