#include "client/key_sets.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "client/test_profile.h"

namespace entente::client {
namespace {

certs::KeyBundle BundleOf(const KeySet& keys) {
  certs::KeyBundle bundle = {.agency = "northmere",
                             .batch_key = keys.batch.public_key(),
                             .kem_key = {},
                             .y = *crypto::MulBase(keys.y),
                             .y_proof = {},
                             .not_before = absl::InfinitePast(),
                             .not_after = absl::InfiniteFuture()};
  const absl::Span<const uint8_t> kem = keys.kem.public_key().bytes();
  std::copy(kem.begin(), kem.end(), bundle.kem_key.begin());
  return bundle;
}

TEST(KeySets, TheFirstSetIsTheProfilesOwn) {
  const TestProfile folder;
  const Profile profile = folder.Open();
  const KeySet keys = *NewestKeys(profile);
  EXPECT_EQ(keys.batch.public_key(), profile.BatchKey()->public_key());
  const certs::KeyBundle bundle = BundleOf(keys);
  EXPECT_TRUE(*keys.IsOf(bundle));
  EXPECT_TRUE(KeysOf(profile, &bundle).ok());
}

TEST(KeySets, ARenewalLeavesEveryEarlierSetToBeFound) {
  const TestProfile folder;
  const Profile profile = folder.Open();
  std::vector<certs::KeyBundle> bundles = {BundleOf(*NewestKeys(profile))};
  for (int i = 0; i < 3; ++i) {
    const KeySet made = *MakeNewKeys(profile);
    bundles.push_back(BundleOf(made));
    EXPECT_TRUE(*NewestKeys(profile)->IsOf(bundles.back()));
  }
  for (const certs::KeyBundle& bundle : bundles) {
    const auto keys = KeysOf(profile, &bundle);
    ASSERT_TRUE(keys.ok()) << keys.status();
    for (const certs::KeyBundle& other : bundles) {
      EXPECT_EQ(*keys->IsOf(other), &other == &bundle);
    }
  }
  for (const char* file :
       {"keys/1/batch.key", "keys/2/kem.key", "keys/3/y.key"}) {
    EXPECT_EQ(
        static_cast<unsigned>(
            std::filesystem::status(folder.path() + "/" + file).permissions()),
        0600u);
  }
}

TEST(KeySets, ABundleOfOtherKeysIsNotFound) {
  const TestProfile ours;
  const TestProfile theirs;
  const Profile profile = ours.Open();
  const certs::KeyBundle foreign = BundleOf(*NewestKeys(theirs.Open()));
  EXPECT_EQ(KeysOf(profile, &foreign).status().code(),
            absl::StatusCode::kNotFound);
  // All three must fit.
  certs::KeyBundle mixed = BundleOf(*NewestKeys(profile));
  mixed.kem_key = foreign.kem_key;
  EXPECT_FALSE(KeysOf(profile, &mixed).ok());
  mixed = BundleOf(*NewestKeys(profile));
  mixed.y = foreign.y;
  EXPECT_FALSE(KeysOf(profile, &mixed).ok());
  mixed = BundleOf(*NewestKeys(profile));
  mixed.batch_key = foreign.batch_key;
  EXPECT_FALSE(KeysOf(profile, &mixed).ok());
}

TEST(KeySets, AnAgreementThatListsNoneHasNone) {
  const TestProfile folder;
  EXPECT_EQ(KeysOf(folder.Open(), nullptr).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(KeySets, ACrashWhileMakingLeavesNothingThatCounts) {
  const TestProfile folder;
  const Profile profile = folder.Open();
  const certs::KeyBundle before = BundleOf(*NewestKeys(profile));
  std::filesystem::create_directories(folder.path() + "/keys/unfinished");
  std::ofstream(folder.path() + "/keys/unfinished/kem.key") << "half";
  EXPECT_TRUE(*NewestKeys(profile)->IsOf(before));
  ASSERT_TRUE(MakeNewKeys(profile).ok());
  EXPECT_FALSE(*NewestKeys(profile)->IsOf(before));
}

TEST(KeySets, AProfileWithoutKeysHasNoneToRenew) {
  const TestProfile signatory(ProfileRole::kSignatory);
  EXPECT_EQ(MakeNewKeys(signatory.Open()).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(NewestKeys(signatory.Open()).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(KeySets, HoldsNoMoreThanItsLimit) {
  const TestProfile folder;
  const Profile profile = folder.Open();
  for (int i = 1; i <= kMaxKeySets; ++i) {
    std::filesystem::create_directories(folder.path() + "/keys/" +
                                        std::to_string(i));
  }
  EXPECT_EQ(MakeNewKeys(profile).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(KeySets, AnExposedKeyIsRefused) {
  const TestProfile folder;
  const Profile profile = folder.Open();
  ASSERT_TRUE(MakeNewKeys(profile).ok());
  folder.Chmod("keys/1/y.key", 0644);
  EXPECT_EQ(NewestKeys(profile).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace entente::client
