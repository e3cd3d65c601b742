// Makes the precompiled header of server/net (server/net/CMakeLists.txt).
