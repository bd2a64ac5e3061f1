<#
.SYNOPSIS
Sends one mail to each row of a CSV file through Postern's HTTP interface: controlled, logged and paced.

.DESCRIPTION
The same as ../python/paced_send.py, for PowerShell 7. NOT RUN: written beside the Python example, which the tests run; nobody has run this one
in Postern's own tests. Try it with -Check and with a list of your own addresses first.

The CSV file has a column "email"; {column} stands in subject and text for what a row has. The log is also the memory: the same command again goes
on where the last one stopped. Each row has an Idempotency-Key, so that a repeated request sends nothing twice (for 24 hours).

.EXAMPLE
./Send-Paced.ps1 -Api http://127.0.0.1:8025 -KeyFile key -Job march-letter -Csv people.csv -From "Registrar <registrar@example.org>" `
    -Subject "Hello {name}" -Text letter.txt -Log march.jsonl -PerMinute 30
#>
#Requires -Version 7
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Api,
    [Parameter(Mandatory)] [string] $KeyFile,
    [Parameter(Mandatory)] [string] $Job,
    [Parameter(Mandatory)] [string] $Csv,
    [Parameter(Mandatory)] [string] $From,
    [Parameter(Mandatory)] [string] $Subject,
    [Parameter(Mandatory)] [string] $Text,
    [Parameter(Mandatory)] [string] $Log,
    [ValidateRange(0.1, 100000)] [double] $PerMinute = 30,
    [ValidateRange(1, 1000)] [int] $Attempts = 10,
    [switch] $Check
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$refusalsInARow = 3

function Write-Entry([string] $To, [string] $Result, [hashtable] $More = @{}) {
    $entry = [ordered]@{ time = [DateTime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ'); job = $Job; to = $To; result = $Result } + $More
    Add-Content -LiteralPath $Log -Encoding utf8NoBOM -Value ($entry | ConvertTo-Json -Compress)
}

function Get-Filled([string] $Template, $Row) {
    [regex]::Replace($Template, '\{([A-Za-z0-9_]+)\}', {
            param($match)
            $name = $match.Groups[1].Value
            if ($Row.PSObject.Properties.Name -notcontains $name) { throw "The template wants {$name}, which $($Row.email) does not have." }
            $Row.$name
        })
}

function Get-Key([string] $Address) {
    $bytes = [Text.Encoding]::UTF8.GetBytes("$Job`0$($Address.ToLowerInvariant())")
    [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($bytes)).ToLowerInvariant()
}

$rows = @(Import-Csv -LiteralPath $Csv -Encoding utf8)
if ($rows.Count -eq 0 -or $rows[0].PSObject.Properties.Name -notcontains 'email') { throw "$Csv has no rows, or no column 'email'." }
$template = Get-Content -LiteralPath $Text -Raw -Encoding utf8
foreach ($row in $rows) { $null = Get-Filled $Subject $row; $null = Get-Filled $template $row }

$done = @{}
if (Test-Path -LiteralPath $Log) {
    foreach ($line in Get-Content -LiteralPath $Log -Encoding utf8) {
        # The line that a crash cut off is no JSON: its row is asked for again, with the same key.
        try { $entry = $line | ConvertFrom-Json } catch { continue }
        if ($entry.job -eq $Job -and $entry.result -in 'accepted', 'refused') { $done[$entry.to] = $entry.result }
    }
}
$waiting = @($rows | Where-Object { -not $done.ContainsKey($_.email) } | Sort-Object email -Unique)
Write-Output "$($rows.Count) rows, $($waiting.Count) to send"
if ($Check) { return }

$token = (Get-Content -LiteralPath $KeyFile -Raw).Trim()
$gap = 60.0 / $PerMinute
$refusals = 0
foreach ($row in $waiting) {
    $began = Get-Date
    $body = @{ from = $From; to = @($row.email); subject = (Get-Filled $Subject $row); text = (Get-Filled $template $row) } | ConvertTo-Json
    $headers = @{ Authorization = "Bearer $token"; 'Idempotency-Key' = Get-Key $row.email }
    $wait = 1.0
    $settled = $false
    for ($attempt = 1; $attempt -le $Attempts -and -not $settled; $attempt++) {
        $status = 0
        try {
            $answer = Invoke-WebRequest -Uri "$($Api.TrimEnd('/'))/v1/messages" -Method Post -Body ([Text.Encoding]::UTF8.GetBytes($body)) `
                -ContentType 'application/json' -Headers $headers -SkipHttpErrorCheck -TimeoutSec 60 -MaximumRedirection 0
            $status = [int] $answer.StatusCode
        }
        catch { $failure = $_.Exception.Message }
        if ($status -eq 202) {
            Write-Entry $row.email 'accepted' @{ id = ($answer.Content | ConvertFrom-Json).id; attempt = $attempt }
            $refusals = 0
            $settled = $true
        }
        elseif ($status -eq 401) { throw 'Postern does not take the key.' }
        elseif ($status -ge 400 -and $status -lt 500 -and $status -notin 408, 429) {
            Write-Entry $row.email 'refused' @{ status = $status; detail = "$($answer.Content)"; attempt = $attempt }
            $refusals++
            if ($refusals -ge $refusalsInARow) { throw "$refusals rows in a row were refused; $Log says why." }
            $settled = $true
        }
        else {
            $pause = $wait
            if ($status -ne 0 -and $answer.Headers.ContainsKey('Retry-After')) { $pause = [Math]::Min(3600, [double] "$($answer.Headers['Retry-After'])") }
            $detail = if ($status -eq 0) { $failure } else { "$($answer.Content)" }
            Write-Entry $row.email 'waiting' @{ status = $status; detail = $detail; attempt = $attempt; seconds = $pause }
            Start-Sleep -Seconds ($pause * (1 + (Get-Random -Maximum 0.2)))
            $wait = [Math]::Min($wait * 2, 300)
        }
    }
    if (-not $settled) { throw "$($row.email): no answer that counts after $Attempts attempts." }
    Start-Sleep -Seconds ([Math]::Max(0, $gap - ((Get-Date) - $began).TotalSeconds))
}
