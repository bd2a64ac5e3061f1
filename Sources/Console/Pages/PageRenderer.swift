import CConsoleAssets
import Mustache

/// Makes HTML of pages. Every text is escaped by the templates; only fragments made here are put in as they are.
struct PageRenderer: Sendable {
    /// What stands around every page.
    struct Frame: Sendable {
        var host: String
        var version: String
        var viewer: Viewer?
        /// As it came, for the navigation: `/restricted/sender:a@example.org`.
        var path: String
        /// Path with query, for the parts that are renewed; nil where none are.
        var livePath: String?
        /// What was searched for last.
        var searched = ""
        /// The page of the handbook that belongs to it: `/help/alerts`.
        var help = "/help"
        /// Alerts that are open.
        var openAlerts = 0
        /// Of the form of those who are not signed in.
        var guestToken = ""
    }

    private let library: MustacheLibrary

    /// Traps for a template that cannot be read: the templates are part of the program.
    init() {
        var templates: [String: MustacheTemplate] = [:]
        for asset in ConsoleAsset.all where asset.name.hasSuffix(".mustache") {
            do {
                let text = String(decoding: asset.bytes, as: UTF8.self)
                templates[String(asset.name.dropLast(".mustache".count))] = try MustacheTemplate(string: text)
            } catch {
                preconditionFailure("\(asset.name): \(error)")
            }
        }
        library = MustacheLibrary(templates: templates)
    }

    func html(_ page: Page, _ frame: Frame) -> String {
        var model: [String: Any] = [
            "title": page.title, "host": frame.host, "version": frame.version, "blocks": html(page.blocks, frame),
            "style": ConsoleAsset.path("console.css"), "script": ConsoleAsset.path("console.js"), "icon": ConsoleAsset.path("icon.svg"),
        ]
        model.put("lead", page.lead)
        model.put("livePath", page.isLive ? frame.livePath : nil)
        if let back = page.back { model["back"] = ["text": back.text, "href": back.href] }
        if let viewer = frame.viewer {
            model["viewer"] = [
                "name": viewer.name, "token": viewer.formToken, "searches": viewer.may(Navigation.searchScopes), "searched": frame.searched,
                "help": frame.help,
            ]
            model.merge(Navigation.model(path: frame.path, viewer, openAlerts: frame.openAlerts)) { first, _ in first }
        }
        return render(model, "layout")
    }

    func html(_ blocks: [Block], _ frame: Frame) -> [String] {
        blocks.enumerated().map { html($1, "b\($0)", frame) }
    }

    private func render(_ model: [String: Any], _ template: String) -> String {
        guard let text = library.render(model, withTemplate: template) else { preconditionFailure("there is no template \(template)") }
        return text
    }

    /// `id`: what names the block within the page.
    private func html(_ block: Block, _ id: String, _ frame: Frame) -> String {
        switch block {
        case .heading(let text): return render(["heading": text], "text")
        case .handbook(let html): return "<article class=\"handbook\">\n\(html)</article>"
        case .mail(let title, let href): return render(["title": title, "href": href], "mail")
        case .text(let text): return render(["text": CommandWords(viewer: frame.viewer).html(text)], "text")
        case .code(let text): return render(["code": text], "text")
        case .notice(let notice): return html(notice, CommandWords(viewer: frame.viewer))
        case .tiles(let tiles): return render(["tiles": tiles.map(model)], "tiles")
        case .facts(let facts): return render(["facts": facts.map(model)], "facts")
        case .table(let table): return html(table, id, frame)
        case .form(let form): return html(form, id, frame)
        case .timeline(let moments): return render(["moments": moments.map { model($0, CommandWords(viewer: frame.viewer)) }], "timeline")
        case .chart(let chart): return html(chart, id, frame)
        case .calendar(let calendar): return html(calendar, id, frame)
        case .links(let links): return render(["links": links.map(model)], "links")
        case .live(let name, let blocks): return render(["id": name, "blocks": [inside(name, blocks, frame)]], "live")
        }
    }

    /// What stands in a part that is renewed.
    func inside(_ name: String, _ blocks: [Block], _ frame: Frame) -> String {
        blocks.enumerated().map { html($1, "\(name)-\($0)", frame) }.joined(separator: "\n")
    }

    private func html(_ notice: Notice, _ words: CommandWords) -> String {
        var model: [String: Any] = [
            "tone": notice.tone.rawValue, "role": notice.tone == .bad ? "alert" : "status", "items": notice.items.map(words.html),
            "hasItems": !notice.items.isEmpty,
        ]
        model.put("title", notice.title)
        model.put("text", words.html(notice.text))
        model.put("secret", notice.secret)
        if let link = notice.link { model["link"] = self.model(link) }
        return render(model, "notice")
    }

    private func html(_ chart: Chart, _ id: String, _ frame: Frame) -> String {
        let legend = chart.series.indices.map { index in
            ["tone": chart.series[index].tone.rawValue, "name": chart.series[index].name, "total": chart.legend(index)]
        }
        return render(
            [
                "title": chart.title, "picture": ChartPicture(chart).svg, "legend": legend,
                "table": html(chart.table, "\(id)t", frame),
            ], "chart")
    }

    private func html(_ calendar: DayCalendar, _ id: String, _ frame: Frame) -> String {
        let days = calendar.days.enumerated().map { place, day in
            var model: [String: Any] = ["date": day.date, "name": day.name, "tone": day.tone.rawValue, "isToday": day.isToday]
            model["figure"] = day.used?.grouped ?? day.limit?.grouped ?? "–"
            model.put("of", day.limit.map { day.used == nil ? "at most" : "of \($0.grouped)" })
            model.put("percent", day.percent.map(String.init))
            model.put("word", day.word)
            // The week that it stands in begins on Monday.
            if place == 0 { model["from"] = day.weekday + 1 }
            return model
        }
        return render(
            ["title": calendar.title, "days": days, "table": html(calendar.table, "\(id)t", frame)], "calendar")
    }

    // MARK: - Tables and forms

    private func html(_ table: Table, _ id: String, _ frame: Frame) -> String {
        let rows = table.rows.enumerated().map { number, row in
            row.enumerated().map { place, cell in
                let forms = cell.forms.enumerated().map { html($1, "\(id)r\(number)c\(place)f\($0)", frame) }
                let column = place < table.columns.count ? table.columns[place] : Table.Column("")
                return TableCells.html(cell, column, isHead: place == 0, CommandWords(viewer: frame.viewer), forms: forms)
            }.joined()
        }
        var model: [String: Any] = [
            "id": id, "caption": table.caption, "rows": rows, "hasRows": !rows.isEmpty, "empty": table.empty,
            "columns": table.columns.map { ["title": $0.title, "isNumber": $0.isNumber] as [String: Any] },
        ]
        if let more = table.more { model["more"] = self.model(more) }
        return render(model, "table")
    }

    private func html(_ form: Form, _ id: String, _ frame: Frame) -> String {
        var model: [String: Any] = [
            "action": form.action.isEmpty ? frame.path : form.action, "method": form.act == nil ? "get" : "post",
            "style": form.look.rawValue,
            "isPost": form.act != nil, "act": form.act ?? "", "token": frame.viewer?.formToken ?? frame.guestToken,
            "hidden": (form.hidden.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + form.carried.map { ($0.name, $0.value) })
                .map { ["name": $0.0, "value": $0.1] },
            "fields": form.fields.map { html($0, "\(id)-\($0.name)", isAsking: form.act == nil) }, "submit": form.submit,
        ]
        model[form.isFolded ? "folded" : "title"] = form.title.isEmpty ? nil : form.title
        model.put("intro", form.intro)
        model.put("label", form.isFolded ? form.title : form.label)
        model.put("tone", form.tone?.rawValue)
        model["isUpload"] = form.fields.contains { if case .input("file") = $0.kind { true } else { false } }
        if let cancel = form.cancel { model["cancel"] = self.model(cancel) }
        // So that a browser's password store knows whose password is asked for.
        if form.fields.contains(where: { $0.autocomplete == "current-password" }) { model.put("account", frame.viewer?.account) }
        return render(model, "form")
    }

    /// `isAsking`: of a search, where nothing has to be filled in.
    private func html(_ field: Field, _ id: String, isAsking: Bool) -> String {
        var model: [String: Any] = ["id": id, "name": field.name, "label": field.label, "isRequired": field.isRequired]
        model.put("hint", field.hint)
        model.put("error", field.error)
        model.put("autocomplete", field.autocomplete)
        let described = [field.hint.isEmpty ? "" : "\(id)-hint", field.error.isEmpty ? "" : "\(id)-error"].filter { !$0.isEmpty }
        model.put("described", described.joined(separator: " "))
        func options(_ options: [Field.Option]) -> [[String: Any]] {
            options.map { ["value": $0.value, "text": $0.text, "isChosen": field.values.contains($0.value)] }
        }
        switch field.kind {
        case .flag:
            model["isFlag"] = true
            model["isOn"] = field.value == "yes"
            return render(model, "field")
        case .radio(let choices), .checks(let choices):
            model["isChoice"] = true
            if case .radio = field.kind { model["type"] = "radio" } else { model["type"] = "checkbox" }
            model["options"] = options(choices)
            return render(model, "field")
        case .select(let choices):
            model["isSelect"] = true
            model["options"] = options(choices)
        case .area(let rows), .secretArea(let rows):
            model["isArea"] = true
            model["rows"] = rows
            model["value"] = field.isSecret ? "" : field.value
        case .input(let type):
            model["isInput"] = true
            model["type"] = type
            model["value"] = field.isSecret ? "" : field.value
        }
        model["isPlain"] = true
        if case .select = field.kind { model["isOptional"] = false } else { model["isOptional"] = !field.isRequired && !isAsking }
        return render(model, "field")
    }

    // MARK: - Small models

    private func model(_ link: Link) -> [String: Any] { ["text": link.text, "href": link.href, "isCurrent": link.isCurrent] }

    private func model(_ tile: Tile) -> [String: Any] {
        var model: [String: Any] = ["name": tile.name, "figure": tile.figure, "tone": tile.tone.rawValue]
        model.put("note", tile.note)
        model.put("href", tile.href)
        return model
    }

    private func model(_ fact: Fact) -> [String: Any] {
        var model: [String: Any] = ["name": fact.name, "value": fact.value, "isCode": fact.isCode]
        model.put("note", fact.note)
        model.put("href", fact.href)
        model.put("tone", fact.tone?.rawValue)
        return model
    }

    private func model(_ moment: Moment, _ words: CommandWords) -> [String: Any] {
        var model: [String: Any] = [
            "time": moment.time, "when": PageTime.text(moment.time), "title": moment.title, "tone": moment.tone.rawValue,
            "texts": moment.texts.map(words.html),
        ]
        model.put("note", moment.note)
        model.put("words", moment.words)
        return model
    }
}

extension [String: Any] {
    /// What is empty is not there, so that a section of a template is left out.
    fileprivate mutating func put(_ name: String, _ text: String?) {
        if let text, !text.isEmpty { self[name] = text }
    }
}

/// For what is no template: pictures, and cells of tables.
enum HTMLText {
    static func escape(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x26 || $0 == 0x3C || $0 == 0x3E || $0 == 0x22 || $0 == 0x27 }) else { return text }
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count + 32)
        for byte in text.utf8 {
            switch byte {
            case 0x26: escaped += Array("&amp;".utf8)
            case 0x3C: escaped += Array("&lt;".utf8)
            case 0x3E: escaped += Array("&gt;".utf8)
            case 0x22: escaped += Array("&quot;".utf8)
            case 0x27: escaped += Array("&#39;".utf8)
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
