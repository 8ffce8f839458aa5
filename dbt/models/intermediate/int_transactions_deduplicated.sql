{{ config(materialized='view') }}

{{ transactions_with_disposition('ACCEPTED') }}
