import Models
import Testing

@testable import Expressions

@Suite("References")
struct ReferenceTests {
    @Test("A reference reads its field", arguments: fields)
    func fieldsTable(example: Case) throws {
        #expect(try World.outcome(example.text) == example.outcome)
    }

    static let fields: [Case] = [
        Case("@event{order.total}", "60.5"), Case("@{order.total}", "60.5"), Case("@event{ order . total }", "60.5"),
        Case("@event{order.customer.id}", #""c-1""#), Case("@event{order.customer.first-name}", #""Ada""#),
        Case("@event{order.'customer'.\"id\"}", #""c-1""#), Case("@event{order.missing}", "null"),
        Case("@event{order.missing.deeper}", "null"), Case("@event{order.note}", "null"),
        Case("@event{order.customer}", #"{"id":"c-1","first-name":"Ada"}"#),
        Case("@event{parcel.id}", "refused: unknownEvent"), Case("@event{order.total.x}", "refused: unknownField"),
        Case("@event{order.3h}", "refused: unexpectedToken"), Case("@event{order.-x}", "refused: unexpectedToken"),
        Case("@event{order.}", "refused: unexpectedToken"), Case("@event{", "refused: unexpectedEnd"),
        Case("@event order.total", "refused: unexpectedToken"), Case("@evnt{order.total}", "refused: unexpectedToken"),
        Case("@event{order.missing, defaultValue: 5}", "5"), Case("@event{order.total, defaultValue: 5}", "60.5"),
        Case("@event{order.note, defaultValue: \"none\"}", #""none""#),
        Case("@event{order.total, defaultValue: \"none\"}", "refused: typeMismatch"),
        Case("@event{order.missing, defaultValue: @event{order.count}}", "3"),
        Case("@event{order.total, default: 5}", "refused: unexpectedToken"),
        Case("@event{order.total, params: {a: 1}}", "refused: unknownParameter"),
        Case("#{profile.tier}", #""gold""#), Case("#{ExperiencePlatform.ProfileFieldGroup.tier}", #""gold""#),
        Case("#{profile.'3h'}", "5"), Case("#{profile.address.city}", #""Paris""#), Case("#{profile.a.b.c}", "null"),
        Case("#{ExperiencePlatform.Profile.tier}", "refused: unknownGroup"),
        Case("#{weather.now.temp}", "21.5"), Case("#{weather.now.rain.'3h'}", "0.5"),
        Case("#{weather.now.temp, params: {city: #{profile.address.city}}}", "21.5"),
        Case("#{weather.now.temp, params: {}}", "21.5"),
        Case("#{weather.now.none, defaultValue: 1, params: {a: 1}}", "1"),
        Case("#{weather.now.temp, params: {a: 1, a: 2}}", "refused: unexpectedToken"),
        Case("#{weather.later.temp}", "refused: unknownGroup"), Case("#{weather}", "refused: unknownGroup"),
        Case("#{climate.now.temp}", "refused: unknownSource"),
        Case("@action{sms.id}", #""m-1""#), Case("@action{sms.jo_status_code}", #""http_200""#),
        Case("@action{push.id}", "refused: unknownAction"),
        Case("@journey{journeyUID}", #""j-1""#), Case("@journey{journeyVersion} + 1", "4"),
        Case("@journey{externalKey}", "null"), Case("@journey{externalKey, defaultValue: \"?\"}", #""?""#),
        Case("@journey{nothing}", "refused: unknownAttribute"), Case("@journey{journeyUID.x}", "refused: unknownField"),
        Case("tier", "refused: unknownName"), Case("currentEventField.x", "refused: wrongItem"),
        Case("inAudience(\"vips\")", "true"), Case("inSegment(\"others\")", "false"),
        Case("inAudience(#{profile.tier})", "refused: notConstant"),
    ]

    @Test("A path through lists and maps gives what it picks", arguments: collections)
    func collectionsTable(example: Case) throws {
        #expect(try World.outcome(example.text) == example.outcome)
    }

    static let collections: [Case] = [
        Case("@event{order.items.sku}", #"["a","b","c"]"#), Case("@event{order.items.price}", "[2.5,12.5,null]"),
        Case("@event{order.items.tags}", #"["x","y","y"]"#), Case("count(@event{order.items.price})", "2"),
        Case("@event{order.items.all().sku}", #"["a","b","c"]"#), Case("@event{order.items.first().sku}", #""a""#),
        Case("@event{order.items.last().sku}", #""c""#), Case("@event{order.items.at(1).sku}", #""b""#),
        Case("@event{order.items.at(3).sku}", "null"), Case("@event{order.items.at(-1).sku}", "null"),
        Case("@event{order.items.at(#{profile.no}).sku}", "null"),
        Case("@event{order.items.at(@event{order.count} - 1).sku}", #""c""#),
        Case("@event{order.items.at(\"1\").sku}", "refused: typeMismatch"),
        Case("@event{order.items.at()}", "refused: wrongArguments"),
        Case("@event{order.items.all(currentEventField.price > 2).sku}", #"["a","b"]"#),
        Case("@event{order.items.first(currentEventField.price > 5).sku}", #""b""#),
        Case("@event{order.items.last(currentEventField.price > 1).sku}", #""b""#),
        Case("@event{order.items.first(currentEventField.price > 50).sku}", "null"),
        Case("@event{order.items.all(currentEventField.price > 50)}", "[]"),
        Case("@event{order.items.first(currentDataPackField.price > 5)}", "refused: wrongItem"),
        Case("@event{order.items.first(currentEventField.price)}", "refused: typeMismatch"),
        Case("@event{order.items.frist()}", "refused: unknownFunction"),
        Case("@event{order.total.first()}", "refused: typeMismatch"),
        Case("@event{order.items.all(in(\"y\", currentEventField.tags)).sku}", #"["a","b"]"#),
        Case("@event{order.items.all(currentEventField.tags.first() == \"y\").sku}", #"["b"]"#),
        Case("@event{order.items.tags.first(currentEventField == \"y\")}", #""y""#),
        Case("#{profile.orders.all(currentDataPackField.state == \"open\").total}", "[10,20]"),
        Case("sum(#{profile.orders.all(currentDataPackField.state == \"open\").total})", "30"),
        Case("#{profile.orders.first(currentDataPackField.total > @event{order.count} * 5).id}", "2"),
        Case("#{profile.numbers.all(currentDataPackField > 1)}", "[3,2]"),
        Case("#{profile.no.all(currentDataPackField.x == 1)}", "null"),
        Case("#{weather.now.ids.last()}", "801"), Case("@action{sms.parts.first(currentActionField.n == 2).n}", "2"),
        Case(
            "#{profile.orders.first(@event{order.items.first(currentEventField.price > currentDataPackField.total).sku} == \"b\").id}",
            "1"),
        Case("@event{order.prices.entry(\"EUR\")}", "10"), Case("@event{order.prices.entry(\"GBP\")}", "null"),
        Case("@event{order.prices.firstEntryKey()}", #""EUR""#), Case("@event{order.prices.keys()}", #"["EUR","USD"]"#),
        Case("@event{order.prices.keys(1)}", "refused: wrongArguments"),
        Case("@event{order.id.keys()}", "refused: typeMismatch"),
        Case("@event{order.prices.entry(@event{order.prices.firstEntryKey()})}", "10"),
        Case(
            "#{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent.first(currentDataPackField.type == \"visit\").page}",
            #""b""#),
        Case("#{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent.type}", #"["visit","order","visit"]"#),
        Case("#{ExperiencePlatform.ExperienceEventFieldGroup.visited.page}", #"["b","a"]"#),
        Case("#{ExperiencePlatform.ExperienceEventFieldGroup.visited.last().page}", #""a""#),
        Case("#{ExperiencePlatform.ExperienceEventFieldGroup.visits.page}", "refused: unknownEvent"),
    ]

    @Test("In an audience's rule a bare path means the profile", arguments: bare)
    func bareTable(example: Case) throws {
        var scope = try World.scope()
        scope.barePathsAreProfile = true
        let value = try Expression.compile(example.text, in: scope)
            .evaluate(in: EvaluationValues(values: World.values, now: World.now))
        #expect(value.json.text == example.outcome)
    }

    static let bare: [Case] = [
        Case("tier == \"gold\"", "true"), Case("address.city", #""Paris""#), Case("points - 20", "100"),
        Case("orders.first(currentDataPackField.total > 10).id", "2"), Case("missing is null", "true"),
        Case("lower(tier) == 'gold' and points > 100", "true"), Case("orders.id", "[1,2,3]"),
        Case("#{profile.tier} == tier", "true"), Case("address.'city'", #""Paris""#),
    ]

    @Test("What a field holds is made the type that its schema says")
    func schemaTypes() throws {
        var scope = ExpressionScope()
        scope.events["order"] = Shape(
            schema: [
                "type": "object",
                "properties": [
                    "at": ["type": "string", "format": "date-time"], "day": ["type": "string", "format": "date"],
                    "span": ["type": "string", "format": "duration"], "total": ["type": "number"],
                    "count": ["type": ["integer", "null"]],
                ],
            ])
        var context = EvaluationValues(now: World.now)
        context.events["order"] = [
            "at": "2025-12-31T22:00:00Z", "day": "2025-12-31", "span": "PT2H", "total": 3, "count": 2,
        ]
        func value(_ text: String) throws -> JSONValue {
            try Expression.compile(text, in: scope).evaluate(in: context).json
        }
        #expect(try value("inLastHours(@event{order.at}, 3)") == true)
        #expect(try value("@event{order.at} + @event{order.span} == now()") == true)
        #expect(try value("@event{order.day} == date(\"2025-12-31\")") == true)
        #expect(try value("@event{order.total} is decimal") == true)
        #expect(try value("@event{order.count} is integer") == true)
        context.events["order"] = ["at": "yesterday"]
        #expect(throws: EvaluationFailure.self) { try value("inLastHours(@event{order.at}, 3)") }
    }

    @Test("Where only a sample said integer, a number with a fraction is read too")
    func sampleNumbers() throws {
        var scope = ExpressionScope()
        scope.sources["shop"] = ["cart": .init(shape: Shape(sample: ["total": 12, "prices": [1, 2], "name": "a"]))]
        scope.actions["sms"] = Shape(sample: ["id": "m-1"])
        var context = EvaluationValues(now: 0)
        context.sources = ["shop": ["cart": ["total": 12.5, "prices": [1.5, 2], "name": 5]]]
        context.actions = ["sms": ["jo_status_code": "http_200"]]
        func value(_ text: String) throws -> JSONValue {
            try Expression.compile(text, in: scope).evaluate(in: context).json
        }
        #expect(try value("#{shop.cart.total} * 2") == 25)
        #expect(try value("sum(#{shop.cart.prices})") == 3.5)
        #expect(try value("@action{sms.jo_status_code} == \"http_200\" and @action{sms.id} is null") == true)
        #expect(throws: EvaluationFailure.self) { try value("#{shop.cart.name} == \"a\"") }
    }

    @Test("In its own rule an event's fields beyond the schema are allowed with a warning")
    func ownEvent() throws {
        var scope = ExpressionScope()
        scope.events["order"] = Shape(sample: ["total": 1])
        #expect(throws: ExpressionError.self) {
            try Expression.compile("@event{order.totla} == 2", in: scope)
        }
        scope.ownEvent = "order"
        let compiled = try Expression.compile("@event{order.totla} == 2", in: scope)
        #expect(compiled.warnings.map(\.code) == [.unknownField])
        #expect(compiled.warnings[0].suggestion == "total")
    }

    @Test("What an expression reads is known without evaluating it")
    func references() throws {
        let compiled = try Expression.compile(
            """
            #{profile.address.city} == "Paris" and @event{order.items.first(currentEventField.price > 1).sku} != "x"
            and @event{order.customer.id} is not null and #{weather.now.rain.'3h', params: {c: #{profile.points}}} > 0
            and @action{sms.id} != @journey{journeyUID} and inAudience("vips") and now() > date("2020-01-01T00:00:00Z")
            and random() < 0.5
            """, in: try World.scope())
        let read = compiled.references
        #expect(read.profilePaths == [["address", "city"], ["points"]])
        #expect(read.eventFields.map(\.path) == [["items"], ["customer", "id"]])
        #expect(read.lookups == [.init(source: "weather", group: "now", path: ["rain", "3h"])])
        #expect(read.actions == [.init(action: "sms", path: ["id"])])
        #expect(read.journeyAttributes == [.journeyUID])
        #expect(read.audiences == ["vips"])
        #expect(read.usesNow && read.usesRandom && !read.usesExperienceEvents)
    }

    @Test("Required equalities are the equalities of the top-level conjunction")
    func requiredEqualities() throws {
        let scope = try World.scope()
        func required(_ text: String) throws -> [String] {
            try Expression.compile(text, in: scope).requiredEqualities.map {
                "\($0.event).\($0.path.joined(separator: ".")) = \($0.constant.json.text)"
            }
        }
        #expect(try required("@event{order.id} == \"o-1\"") == ["order.id = \"o-1\""])
        #expect(
            try required("(5 == @event{order.count} and true) and @event{order.customer.id} == \"a\" + \"b\"")
                == ["order.count = 5", "order.customer.id = \"ab\""])
        #expect(try required("@event{order.id} == \"a\" or @event{order.id} == \"b\"") == [])
        #expect(try required("not @event{order.id} == \"a\"") == [])
        #expect(try required("@event{order.id, defaultValue: \"a\"} == \"a\"") == [])
        #expect(try required("@event{order.id} != \"a\" and @event{order.id} == null") == [])
        let equality = try #require(
            try Expression.compile("@event{order.count} == 5.0", in: scope).requiredEqualities.first)
        #expect(equality.matches(5) && equality.matches(5.0) && !equality.matches(6) && !equality.matches(nil))
        #expect(IndexKey(5) == equality.indexKey)
    }
}
