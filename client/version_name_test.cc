#include "client/version_name.h"

#include <gtest/gtest.h>

namespace entente::client {
namespace {

TEST(VersionName, NamesAVersionOrTheOneInForce) {
  EXPECT_EQ(ParseVersionName("isa-burglary-2026/3"),
            (VersionName{"isa-burglary-2026", 3}));
  EXPECT_EQ(ParseVersionName("isa-burglary-2026"),
            (VersionName{"isa-burglary-2026", 0}));
  EXPECT_EQ(ParseVersionName("isa-burglary-2026/4294967295"),
            (VersionName{"isa-burglary-2026", 4294967295}));
}

TEST(VersionName, AnythingElseNamesAFile) {
  for (const char* name :
       {"", "-", "agreement.yaml", "isa-small.yaml", "./isa-small",
        "./isa-small/1", "isa-small/", "isa-small/0", "isa-small/01",
        "isa-small/-1", "isa-small/+1", "isa-small/ 1", "isa-small/1.yaml",
        "isa-small/4294967296", "isa-small/1/2", "drafts/1", "isa-"}) {
    EXPECT_EQ(ParseVersionName(name), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace entente::client
