// A world of one test, removed with it.
#ifndef ENTENTE_TESTS_WORLD_OWN_WORLD_H_
#define ENTENTE_TESTS_WORLD_OWN_WORLD_H_

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/world/world.h"

namespace entente::world {

using nlohmann::json;

// A guard against hanging.
inline constexpr absl::Duration kPatience = absl::Minutes(3);

class OwnWorld : public testing::Test {
 protected:
  void SetUp() override {
    std::string folder =
        (std::filesystem::temp_directory_path() / "entente-world-XXXXXX")
            .string();
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    world_.settings = {ENTENTE_PROGRAM, ENTENTE_BROKER_PROGRAM, folder, false};
    const absl::Status built = world_.Build();
    ASSERT_TRUE(built.ok()) << built;
  }
  void TearDown() override {
    world_.broker.reset();
    if (!HasFailure()) std::filesystem::remove_all(world_.settings.folder);
  }

  // What a command printed, with `exit_code`; a failure unless it ends with
  // `exit`.
  json Run(const std::string& profile, std::vector<std::string> words,
           int exit = 0) {
    const auto ran = world_.Entente(profile, std::move(words), exit);
    EXPECT_TRUE(ran.ok()) << ran.status();
    if (!ran.ok()) return json::object();
    EXPECT_EQ(ran->at("exit_code"), exit) << ran->dump();
    return *ran;
  }

  std::string Left() { return world_.Profile(kLeft, "system"); }
  std::string Right() { return world_.Profile(kRight, "system"); }

  World world_;
};

}  // namespace entente::world

#endif  // ENTENTE_TESTS_WORLD_OWN_WORLD_H_
