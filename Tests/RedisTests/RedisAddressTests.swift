import Testing

@testable import Redis

@Suite("Addresses")
struct RedisAddressTests {
    @Test(
        "An address is read in all its forms",
        arguments: [
            ("redis://localhost", .tcp(host: "localhost", port: 6379), nil, nil, 0),
            ("redis://10.0.0.1:7000/3", .tcp(host: "10.0.0.1", port: 7000), nil, nil, 3),
            ("redis://[::1]:7000", .tcp(host: "::1", port: 7000), nil, nil, 0),
            ("redis://[::1]", .tcp(host: "::1", port: 6379), nil, nil, 0),
            ("redis://:secret@host", .tcp(host: "host", port: 6379), nil, "secret", 0),
            ("redis://me:a%40b%3Ac@host:1/0", .tcp(host: "host", port: 1), "me", "a@b:c", 0),
            ("redis://me:a@b@host", .tcp(host: "host", port: 6379), "me", "a@b", 0),
            ("unix:///run/redis.sock", .socket(path: "/run/redis.sock"), nil, nil, 0),
            ("unix://me:x@/run/redis.sock?db=2", .socket(path: "/run/redis.sock"), "me", "x", 2),
        ] as [(String, RedisAddress.Endpoint, String?, String?, Int)])
    func forms(
        url: String, endpoint: RedisAddress.Endpoint, user: String?, password: String?, database: Int
    ) throws {
        let address = try RedisAddress(url)
        #expect(address.endpoint == endpoint)
        #expect(address.user == user)
        #expect(address.password == password)
        #expect(address.database == database)
    }

    @Test(
        "What is no address is refused, without repeating it",
        arguments: [
            "", "localhost:6379", "http://hunter2", "rediss://hunter2", "redis://", "redis://:hunter2@",
            "redis://hunter2@host", "redis://me:%zzhunter2@host", "redis://host:0", "redis://host:65536",
            "redis://host:hunter2", "redis://host/hunter2", "redis://host/-1", "redis://[::1]x", "unix://run/hunter2",
            "unix:///run/redis.sock?hunter2", "unix:///" + String(repeating: "x", count: 107),
        ])
    func refused(url: String) throws {
        let error = try #require(throws: RedisError.self) { try RedisAddress(url) }
        #expect(error.code == .invalidAddress)
        #expect(error.retry == .never)
        #expect(!error.description.contains("hunter2"))
    }

    @Test("No way to print an address or a configuration tells the password")
    func hidden() throws {
        let address = try RedisAddress("redis://me:hunter2@host:7000/1")
        #expect(address.description == "redis://host:7000/1")
        var dumped = ""
        dump(RedisConfiguration(address), to: &dumped)
        for text in ["\(address)", String(reflecting: address), "\(RedisConfiguration(address))", dumped] {
            #expect(!text.contains("hunter2"))
        }
    }
}
